"""The layers of faults: bounded in the tests, as long as you like here.

python -m chaos.layers LAYER [--seconds 120] [--seed N] [--record]

--record appends the result to docs/campaigns.md, the ledger.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from chaos import deploys, halts, hits, twins
from chaos.floor import Result
from chaos.server import Server
from support import ROOT

LEDGER = ROOT / "docs/campaigns.md"
Layer = Callable[[Server, Result, int], None]
LAYERS: dict[str, Layer] = {
    "backends": hits.run_backends,
    "server": hits.run_server,
    "network": hits.run_network,
    "disk": hits.run_disk,
    "fsync": hits.run_fsync,
    "halt": halts.run_halts,
    "failover": twins.run_failover,
    "pitr": twins.run_restores,
    "deploy": deploys.run_deploys,
}


def describe(result: Result) -> tuple[str, str]:
    """Counts and percentiles, in words."""
    counts = ", ".join(f"{name} {n}" for name, n in sorted(result.counts.items()))
    times = ", ".join(
        f"{name} p50 {result.percentile(name, 50)} p99 {result.percentile(name, 99)} of {len(t)}"
        for name, t in sorted(result.times.items())
    )
    return counts, times


def run_layer(server: Server, layer: str, seed: int, seconds: float) -> Result:
    """Rounds of one layer until the time is over; at least one."""
    result, ends, number = Result(layer, seed), time.monotonic() + seconds, 0
    while not result.skipped and (number == 0 or time.monotonic() < ends):
        number += 1
        LAYERS[layer](server, result, number)
        print(
            f"round {number}: {describe(result)[0]}; {len(result.violations)} violated", flush=True
        )
    return result


def record(result: Result, began: datetime) -> None:
    """One row more in the ledger."""
    said = subprocess.run(
        ["git", "rev-parse", "--short=10", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    counts, times = describe(result)
    row = (f"{began:%Y-%m-%d}", said.stdout.strip(), result.layer, str(result.seed), counts, times,
           result.skipped or str(len(result.violations)))  # fmt: skip
    with LEDGER.open("a", encoding="utf-8") as file:
        file.write("| " + " | ".join(row) + " |\n")


def main(words: list[str]) -> int:
    """Run the layer; 1 if anything was violated."""
    parser = argparse.ArgumentParser(prog="python -m chaos.layers")
    parser.add_argument("layer", choices=LAYERS)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", type=int, default=time.time_ns() // 10**9)
    parser.add_argument("--record", action="store_true")
    asked = parser.parse_args(words)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    began = datetime.now(UTC)
    print(f"layer {asked.layer}, seed {asked.seed}", flush=True)
    with Server() as server:
        result = run_layer(server, asked.layer, asked.seed, asked.seconds)
    print("\n".join([result.skipped, *describe(result), *result.violations]))
    if asked.record:
        record(result, began)
    return 1 if result.violations else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
