"""The live path, measured on a durable server of its own: one JSON line a case, a table on stderr.

python bench/live_path.py [--orders 200] [--symbols 20] [--rows 10000] [--seconds 2]

Each rate stands beside the rate of single-row durable commits of as many clients, taken before and
after it on the same server: only the ratio travels. `server_ms` is the processor time that the
sessions' server processes used (Linux), which a busy machine disturbs less. Four workers are four
threads with a run, an engine and an account each, for one gateway leads an account; what they share is
the server. Times are passed in (the runs keep a virtual clock), the broker answers at once, and the
bars are not in the rates. Growth is measured at no history and after each number of --rows (give
10000 1000000 for the long one, half an hour): rows of a run's own, made through the same doors, without
waiting for the disk.
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
WINDOW = 10  # laps at each size of a history
BATCH = 20  # messages a call while a history is made
ROWS_OF_AN_ORDER = 38  # about, to know how far it is
SHOWN = 30  # functions that cost most
NUMBERS = itertools.count(1)  # of engines and accounts
TRACK = "alter database bench set track_functions = 'all'"
FLUSH = "select pg_stat_force_next_flush()"  # at the end of its own transaction
FORGET = "select pg_stat_reset()"
ROWS = "select sum(reltuples)::bigint from pg_class where relkind = 'r' and relowner <> 10"
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

    def trade(self, workers: int, batch: int, parts: int) -> tuple[Counter[str], Counter[str]]:
        """The same laps in `workers` threads, a session each; the mean of their seconds by phase, and
        of those of the server's processor.
        """
        mine = [(self.url, next(NUMBERS), self.args.symbols, self.laps) for _ in range(workers)]
        gate = threading.Barrier(workers)
        with self.beside_commits(workers), ThreadPoolExecutor(workers) as pool:
            desks = list(pool.map(lambda job: trade(*job, batch, parts, gate), mine))
        spent, used = (
            Counter({k: sum(getattr(d, name)[k] for d in desks) / workers for k in desks[0].spent})
            for name in ("spent", "used")
        )
        return spent, used

    def measure_orders(self, workers: int, batch: int) -> Iterator[Line]:
        """From target to booked fill: each order is two messages, taken and filled."""
        spent, used = self.trade(workers, batch, 1)
        orders = self.laps * self.args.symbols
        snapshots, _ = spent.pop("snapshot"), used.pop("snapshot")
        split = {f"{k}_ms": round(v * 1000 / orders, 3) for k, v in spent.items()}
        split["server_ms"] = round(used.total() * 1000 / orders, 3)
        yield self.compare("orders", workers, orders, spent.total(), batch=batch, **split)
        if batch == 1:
            yield self.compare("snapshots", workers, self.laps, snapshots)

    def measure_inbox(self, workers: int, batch: int) -> Line:
        """The inbox alone: fills of one share, orders of ten."""
        spent, used = self.trade(workers, batch, PARTS)
        messages = self.laps * self.args.symbols * (PARTS + 1)
        server = round(used["apply"] * 1000 / messages, 3)
        seconds = spent["apply"]
        return self.compare("inbox", workers, messages, seconds, batch=batch, server_ms=server)

    def measure_growth(self) -> Iterator[Line]:
        """Laps of a run without history, and with as many rows as asked; each function at both ends."""
        sizes = [0, *self.args.rows]
        laps = 2 * sizes[-1] // (ROWS_OF_AN_ORDER * self.args.symbols)
        desk = BenchDesk(self.url, next(NUMBERS), self.args.symbols, laps + 2 * WINDOW * len(sizes))
        desk.sql(TRACK)
        desk.reconnect(self.url)
        for _ in range(WINDOW):  # the first ones plan their queries
            desk.lap()
        begin, ends = self.count_rows(desk), []
        for size in sizes:
            self.add_history(desk, begin + size)
            rows = self.count_rows(desk) - begin
            desk.sql(FORGET)
            desk.forget()
            with self.beside_commits(1):
                for _ in range(WINDOW):
                    desk.lap()
            seconds = desk.spent.total() - desk.spent["snapshot"]
            orders = WINDOW * self.args.symbols
            server = round((desk.used.total() - desk.used["snapshot"]) * 1000 / orders, 3)
            yield self.compare("growth", 1, orders, seconds, rows=rows, server_ms=server)
            desk.sql(FLUSH)
            ends.append({row["function"]: row for row in desk.sql(SELF_TIMES)})
        desk.conn.close()
        yield from compare_functions(ends[0], ends[-1], orders)

    def count_rows(self, desk: BenchDesk) -> int:
        """Rows in all tables of ours, by new statistics."""
        desk.sql("analyze")
        return int(desk.one(ROWS))

    def add_history(self, desk: BenchDesk, rows: int) -> None:
        """Trade until there are so many rows; every promise must hold afterwards."""
        desk.sql("set synchronous_commit = off")
        while (missing := rows - self.count_rows(desk)) > 0:
            for _ in range(missing // (ROWS_OF_AN_ORDER * self.args.symbols) + 1):
                desk.lap(BATCH)
        desk.sql("reset synchronous_commit")
        assert desk.broken_promises() == []


def trade(url: str, number: int, symbols: int, laps: int, batch: int, parts: int, gate: Any) -> Any:
    """One worker's laps, begun together with the others'; its desk, which has counted."""
    try:
        desk = BenchDesk(url, number, symbols, laps + 1)
        desk.lap(batch, parts)  # the first one plans its queries
        desk.forget()
        gate.wait(PATIENCE)
        for _ in range(laps):
            desk.lap(batch, parts)
        desk.conn.close()
    except BaseException:
        gate.abort()  # the others would wait for ever
        raise
    return desk


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
    parser.add_argument("--orders", type=int, default=200, help="of a worker, in each case")
    parser.add_argument("--symbols", type=int, default=20, help="orders of one decision")
    parser.add_argument(
        "--rows", type=int, nargs="+", default=[10_000], help="of history, each measured"
    )
    parser.add_argument("--seconds", type=int, default=2, help="of counting commits before a case")
    args = parser.parse_args()
    with serve() as cluster:
        for line in run(Bench(cluster, args)):
            show(line)


if __name__ == "__main__":
    main()
