"""Campaigns of bad input and of attacks, until the time is over; what failed is told with its seed.

python -m fuzz.campaign input|attack|owner [--seconds 600] [--seed N]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from fuzz.attack import GROUPS, Arena, assault, halt_among, lie
from fuzz.inputs import Bench, kinds
from fuzz.owner import Safe, list_known
from support import SERVER


def run_kind(bench: Bench, kind: str, number: int, examples: int) -> None:
    """This many inputs of one kind, drawn by a seed. Raises what the law does not allow, shrunk."""
    strategy, doing = kinds(bench)[kind]

    @seed(number)
    @settings(max_examples=examples, deadline=None, database=None, print_blob=False,
              phases=[Phase.generate, Phase.shrink], suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(strategy)
    def drive(value: Any) -> None:
        doing(bench, value)

    drive()


def fuzz_inputs(ends: float, first: int) -> tuple[Counter[str], list[str]]:
    """Kind after kind; what was answered, and what is wrong."""
    said, wrong = Counter[str](), []
    number = first
    while time.monotonic() < ends:
        with SERVER.clone() as db, tempfile.TemporaryDirectory() as folder:
            bench = Bench(db, Path(folder))
            for kind in kinds(bench):
                if time.monotonic() > ends:
                    break
                try:
                    run_kind(bench, kind, number, 100)
                except Exception as no:
                    wrong.append(
                        f"{kind}, seed {number}: {type(no).__name__} {no!s:.2500}\n{no.__cause__!r}"
                    )
                    print(wrong[-1], flush=True)
                    bench.before = bench.state.read()
            said += bench.seen
            wrong += [f"seed {number}: {broken}" for broken in bench.state.broken()]
            bench.close()
        number += 1
    return said, wrong


def fuzz_attacks(ends: float, first: int) -> tuple[Counter[str], list[str]]:
    """Group after group says anything; then a halt among sessions that hold what they can."""
    said, wrong = Counter[str](), []
    number = first
    while time.monotonic() < ends:
        with SERVER.clone() as db:
            arena = Arena(db)
            try:
                for group in GROUPS:
                    if time.monotonic() < ends:
                        told = assault(arena, group, number, 300)
                        told += lie(arena, group, number, 60)
                        print("\n".join(told), end="\n" if told else "", flush=True)
                        wrong += told
                wrong += halt_among(arena, number)
                said += arena.seen
            finally:
                arena.close()
        number += 1
    return said, wrong


def fuzz_owner(ends: float, first: int) -> tuple[Counter[str], list[str]]:
    """Each column of each table in turn, other rows each time; what nobody sees and nobody has listed."""
    said, wrong = Counter[str](), set[str]()
    with SERVER.clone() as db:
        safe = Safe(db)
        try:
            number = first
            while time.monotonic() < ends:
                wrong |= set(safe.search(Random(number), ends, time.monotonic)) - list_known()
                number += 1
            said += safe.seen
        finally:
            safe.close()
    print("\n".join(sorted(wrong)), flush=True)
    return said, sorted(wrong)


LAYERS: dict[str, Callable[[float, int], tuple[Counter[str], list[str]]]] = {
    "input": fuzz_inputs,
    "attack": fuzz_attacks,
    "owner": fuzz_owner,
}


def main(words: list[str]) -> int:
    """Run one layer; 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m fuzz.campaign")
    parser.add_argument("layer", choices=LAYERS)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=time.time_ns() // 10**9)
    asked = parser.parse_args(words)
    print(f"layer {asked.layer}, seed {asked.seed}", flush=True)
    try:
        said, wrong = LAYERS[asked.layer](time.monotonic() + asked.seconds, asked.seed)
    finally:
        SERVER.close()
    print("\n".join(f"{count:8}  {what}" for what, count in said.most_common()))
    print(f"{said.total()} tried, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
