"""The campaign: cells in random order until the time is over, a table, and how to replay what failed.

python -m chaos.campaign [--seconds 600] [--seed N] [--cell POINT/ACTION/ANSWER] [--list]
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections import Counter
from random import Random

from chaos.drive import Outcome, run_cell
from chaos.points import ACTIONS, Cell, list_cells
from chaos.server import Server

REPLAY = "./dev run env PYTHONPATH=tests python -m chaos.campaign --cell {} --seed {}"


def read_arguments(words: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m chaos.campaign")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=time.time_ns() // 10**9)
    parser.add_argument("--cell", help="one cell only, once, with exactly this seed")
    parser.add_argument("--list", action="store_true", help="name all cells")
    return parser.parse_args(words)


def choose(seed: int, only: str | None) -> list[Cell]:
    """The cells in their order: each with a seed of its own, drawn from the campaign's."""
    random = Random(seed)
    if only:
        point, action, answer = only.split("/")
        return [Cell(point, action, answer, seed)]
    cells = [Cell(c.point, c.action, c.answer, random.randrange(10**6)) for c in list_cells(0)]
    random.shuffle(cells)
    return cells


def tell(outcome: Outcome) -> None:
    """One line a cell; what is wrong and how to replay it below."""
    state = "VIOLATED" if outcome.violations else "ok" if outcome.is_hit else "not hit"
    run = " ".join(outcome.statuses)
    print(f"{outcome.cell.name:30} {state:9} {outcome.seconds:5.1f} s  {run}", flush=True)
    if outcome.violations:
        print("\n".join(f"    {v}" for v in outcome.violations))
        print("    replay: " + REPLAY.format(outcome.cell.name, outcome.cell.seed))
        print(outcome.logs, flush=True)


def print_table(outcomes: list[Outcome]) -> None:
    """Point and answer down, actions across: hits, and violations behind a slash."""
    hits, bad = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    for o in outcomes:
        key = (o.cell.point, o.cell.answer, o.cell.action)
        hits[key] += o.is_hit
        bad[key] += bool(o.violations)
    rows = sorted({key[:2] for key in hits})
    print(f"\n{'point':7}{'answer':10}" + "".join(f"{action:>13}" for action in ACTIONS))
    for row in rows:
        counts = [f"{hits[(*row, a)]}/{bad[(*row, a)]}" for a in ACTIONS]
        print(f"{row[0]:7}{row[1]:10}" + "".join(f"{c:>13}" for c in counts))
    print(f"cells hit {sum(hits.values())}, violations {sum(bad.values())}")


def main(words: list[str]) -> int:
    """Run the campaign; 1 if anything was violated."""
    asked = read_arguments(words)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    cells = choose(asked.seed, asked.cell)
    if asked.list:
        print("\n".join(cell.name for cell in list_cells(0)))
        return 0
    print(f"seed {asked.seed}, {len(cells)} cells", flush=True)
    ends, outcomes = time.monotonic() + asked.seconds, list[Outcome]()
    with Server() as server:
        for number, cell in enumerate(cells, 1):
            if time.monotonic() > ends:
                break
            outcomes.append(run_cell(server, cell, number))
            tell(outcomes[-1])
    print_table(outcomes)
    return 1 if any(o.violations for o in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
