"""The live path, measured on a durable server of its own: one JSON line a case, a table on stderr.

python bench/live_path.py [--orders 400] [--symbols 20] [--history 10000] [--seconds 2]

Each rate stands beside the rate of single-row durable commits of as many clients, taken before and
after it on the same server: only the ratio travels. Four workers are four threads with a run, an
engine and an account each, for one gateway leads an account; what they share is the server. Times are
passed in (the runs keep a virtual clock), the broker answers at once, and the bars are not in the
rates.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

from bench.commits import count_commits  # noqa: E402
from bench.desk import BenchDesk  # noqa: E402
from mqk import deployer  # noqa: E402
from mqk.embedded import Cluster  # noqa: E402

Line = dict[str, Any]
PATIENCE = 600  # seconds until a worker that hangs is given up
PARTS = 10  # executions of an order where the inbox is measured alone
WINDOW = 10  # laps at each end of a history
SHOWN = 30  # functions that cost most
NUMBERS = itertools.count(1)  # of engines and accounts
TRACK = "alter database bench set track_functions = 'all'"
FLUSH = "select pg_stat_force_next_flush()"  # at the end of its own transaction
FORGET = "select pg_stat_reset()"
SELF_TIMES = """
select schemaname || '.' || funcname as function, calls, self_time * 1000 as self_us
  from pg_stat_user_functions"""


class Bench:
    """A durable server that nobody else uses, with an empty desk."""

    def __init__(self, cluster: Cluster, args: argparse.Namespace) -> None:
        self.cluster, self.args = cluster, args
        self.url = cluster.url("bench")
        self.laps = max(args.orders // args.symbols, 1)

    def count_commits(self, clients: int) -> float:
        """Durable commits a second, now."""
        return count_commits(self.url, self.cluster.bin, clients, self.args.seconds)

    def compare(self, case: str, clients: int, many: int, seconds: float, **more: Any) -> Line:
        """A line: a rate, the commit rate of as many clients, and their ratio."""
        rate, commits = many * clients / seconds, self.commits
        ratio = {"per_second": round(rate, 1), "commits": round(commits), "ratio": rate / commits}
        return {"case": case, "workers": clients, **more, **ratio}

    @contextmanager
    def beside_commits(self, clients: int) -> Iterator[None]:
        """Count commits before the body and after it; their mean is what it is compared with."""
        before = self.count_commits(clients)
        yield
        self.commits = (before + self.count_commits(clients)) / 2

    def trade(self, workers: int, batch: int, parts: int) -> list[Counter[str]]:
        """The same laps in `workers` threads, a session each; the seconds of each by phase."""
        mine = [(self.url, next(NUMBERS), self.args.symbols, self.laps) for _ in range(workers)]
        gate = threading.Barrier(workers)
        with self.beside_commits(workers), ThreadPoolExecutor(workers) as pool:
            return list(pool.map(lambda job: trade(*job, batch, parts, gate), mine))

    def measure_orders(self, workers: int, batch: int) -> Iterator[Line]:
        """From target to booked fill: each order is two messages, taken and filled."""
        spent = self.trade(workers, batch, 1)
        orders = self.laps * self.args.symbols
        mean = Counter({k: sum(s[k] for s in spent) / workers for k in spent[0]})
        snapshots = mean.pop("snapshot")
        split = {f"{k}_ms": round(v * 1000 / orders, 3) for k, v in mean.items()}
        yield self.compare("orders", workers, orders, mean.total(), batch=batch, **split)
        if batch == 1:
            yield self.compare("snapshots", workers, self.laps, snapshots)

    def measure_inbox(self, workers: int, batch: int) -> Line:
        """The inbox alone: fills of one share, orders of ten."""
        spent = self.trade(workers, batch, PARTS)
        messages = self.laps * self.args.symbols * (PARTS + 1)
        seconds = sum(s["apply"] for s in spent) / workers
        return self.compare("inbox", workers, messages, seconds, batch=batch)

    def measure_growth(self) -> Iterator[Line]:
        """The first laps of a run and the last ones after its history; each function at both ends."""
        laps = max(self.args.history // self.args.symbols, 1)
        desk = BenchDesk(self.url, next(NUMBERS), self.args.symbols, laps + 2 * WINDOW)
        desk.sql(TRACK)
        desk.reconnect(self.url)
        ends = []
        for rest in (laps, 0):
            desk.sql(FLUSH)
            desk.sql(FORGET)
            desk.spent.clear()
            with self.beside_commits(1):
                for _ in range(WINDOW):
                    desk.lap()
            seconds = desk.spent.total() - desk.spent["snapshot"]
            orders = WINDOW * self.args.symbols
            history = (desk.index - 1) * self.args.symbols - orders
            yield self.compare("growth", 1, orders, seconds, history=history)
            desk.sql(FLUSH)
            ends.append({row["function"]: row for row in desk.sql(SELF_TIMES)})
            for _ in range(rest):
                desk.lap(200)
        desk.conn.close()
        yield from compare_functions(*ends, orders)


def trade(url: str, number: int, symbols: int, laps: int, batch: int, parts: int, gate: Any) -> Any:
    """One worker's laps, begun together with the others'; its seconds by phase."""
    try:
        desk = BenchDesk(url, number, symbols, laps + 1)
        desk.lap(batch, parts)  # the first one plans its queries
        desk.spent.clear()
        gate.wait(PATIENCE)
        for _ in range(laps):
            desk.lap(batch, parts)
        desk.conn.close()
    except BaseException:
        gate.abort()  # the others would wait for ever
        raise
    return desk.spent


def compare_functions(first: Any, last: Any, orders: int) -> Iterator[Line]:
    """Self time in microseconds an order of the functions that cost most, at both ends."""
    for name, row in sorted(last.items(), key=lambda item: -item[1]["self_us"])[:SHOWN]:
        before, after = (
            first[name]["self_us"] / orders if name in first else 0,
            row["self_us"] / orders,
        )
        yield {
            "case": "function",
            "function": name,
            "calls": row["calls"] / orders,
            "first_us": round(before, 1),
            "last_us": round(after, 1),
            "growth": round(after / before, 2) if before else None,
        }


def run(bench: Bench) -> Iterator[Line]:
    """Every case."""
    for workers, batch in ((1, 1), (1, 200), (4, 1), (4, 200)):
        yield from bench.measure_orders(workers, batch)
    for workers, batch in ((1, 1), (1, 20), (1, 200), (4, 200)):
        yield bench.measure_inbox(workers, batch)
    yield from bench.measure_growth()


@contextmanager
def serve() -> Iterator[Cluster]:
    """A durable server, stopped and removed at the end."""
    cluster = Cluster(f"bench-{os.getpid()}").start()
    try:
        cluster.ensure_database("bench")
        deployer.deploy(cluster.url("bench"), ROOT)
        yield cluster
    finally:
        cluster.stop(remove=True)


def show(line: Line) -> None:
    """The line as JSON on stdout, and for people on stderr."""
    rounded = {k: round(v, 4) if isinstance(v, float) else v for k, v in line.items()}
    print(json.dumps(rounded), flush=True)
    words = [f"{v}" if k in ("case", "function") else f"{k} {v}" for k, v in rounded.items()]
    print("  ".join(f"{word:<18}" for word in words).rstrip(), file=sys.stderr, flush=True)


def main() -> None:
    """Parse the arguments and show every line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, default=400, help="of a worker, in each case")
    parser.add_argument("--symbols", type=int, default=20, help="orders of one decision")
    parser.add_argument("--history", type=int, default=10_000, help="orders between the two ends")
    parser.add_argument("--seconds", type=int, default=2, help="of counting commits before a case")
    args = parser.parse_args()
    with serve() as cluster:
        for line in run(Bench(cluster, args)):
            show(line)


if __name__ == "__main__":
    main()
