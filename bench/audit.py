"""The diary, measured on a server of its own: one JSON line a case, a table on stderr.

python bench/audit.py [--events 100000] [--laps 3]

Everything is measured in one run and stands beside a floor of the same server and moment: verifying beside
SHA-256 alone over rows of the same size, appending beside a bare insert of the same fields in the same
transactions. Only the ratio travels; per_processor_second counts the server process's own time, which a
busy machine disturbs less (the bundle's verifier is the client, and not in it). The best of --laps
counts; events are appended 100 a transaction, for a head row that is updated more often than that in one
transaction leaves versions that each next append walks over.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

from mqk import deployer  # noqa: E402
from mqk.auditing.export import export  # noqa: E402
from mqk.auditing.verifier import verify  # noqa: E402
from mqk.db import Connection, call, connect, hold_still  # noqa: E402
from mqk.embedded import Cluster  # noqa: E402

BATCH = 100
FIELDS = """core.derive_id('bench', array[n::text]), 'OMS', 'ORDER_ENQUEUED',
            jsonb_build_object('order_id', md5(n::text), 'symbol', 'AAA', 'qty', n, 'side', 'BUY',
                               'price_micros', 100000000)"""
OPEN = "select audit.open_engine_chain('BENCH', '2024-01-02') as chain_id"
FLOOR = "create table public.floor (id uuid, topic text, name text, payload jsonb)"
APPEND = f"""select count(audit.append_event(%(chain)s, f.topic, f.name, f.payload, '2024-01-02'))
  from generate_series(%(low)s::int, %(high)s::int) as n
  cross join lateral (values ({FIELDS})) as f (id, topic, name, payload)"""
INSERT = f"""insert into public.floor select {FIELDS}
  from generate_series(%(low)s::int, %(high)s::int) as n where %(chain)s::uuid is not null"""
VERIFY = "select count(*) as n from audit.verify_chain(%(chain)s)"
HASH = """select max(sha256(convert_to(prev_hash || event_hash || payload::text, 'UTF8'))) as h
  from audit.events where chain_id = %(chain)s"""


class Watch:
    """Measures seconds by the clock, and the processor's seconds of one server process (Linux)."""

    def __init__(self, conn: Connection) -> None:
        self.file = Path(f"/proc/{conn.info.backend_pid}/schedstat")

    def read_processor(self) -> float:
        """Seconds that the server process has had; 0 where it is not told."""
        return int(self.file.read_text().split()[0]) / 1e9 if self.file.exists() else 0.0

    def best(self, laps: int, work: Callable[[], Any]) -> tuple[float, float]:
        """The fastest lap, by the clock and by the processor."""
        times = []
        for _ in range(laps):
            began, used = perf_counter(), self.read_processor()
            work()
            times.append((perf_counter() - began, self.read_processor() - used))
        return min(a for a, _ in times), min(b for _, b in times)


def append_all(conn: Connection, query: str, chain: Any, events: int) -> None:
    """Events 1..n, BATCH a transaction."""
    for low in range(1, events + 1, BATCH):
        conn.execute(query, {"chain": chain, "low": low, "high": min(low + BATCH - 1, events)})


def measure(conn: Connection, events: int, laps: int) -> list[dict[str, Any]]:
    """Every case: events a second, those of its floor, their ratio."""
    chain = conn.execute(OPEN).fetchone()["chain_id"]  # type: ignore[index]
    conn.execute(FLOOR)
    told, best = {"chain": chain}, Watch(conn).best
    appended = best(1, lambda: append_all(conn, APPEND, chain, events))
    inserted = best(1, lambda: append_all(conn, INSERT, chain, events))
    conn.execute("vacuum analyze audit.events")
    verified = best(laps, lambda: conn.execute(VERIFY, told).fetchall())
    hashed = best(laps, lambda: conn.execute(HASH, told).fetchall())
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder) / "bundle"

        def write() -> None:
            with hold_still(conn):
                export(lambda door, **args: call(conn, door, **args), bundle, "BENCH", None)

        exported, outside = best(1, write), best(laps, lambda: verify(bundle))
    cases = [("append", appended, inserted, "bare insert"), ("verify in SQL", verified, hashed, "SHA-256"),
             ("export", exported, hashed, "SHA-256"),
             ("verify the bundle", (outside[0], 0.0), hashed, "SHA-256")]  # fmt: skip
    return [{"case": case, "events": events, "per_second": round(events / seconds[0]),
             "per_processor_second": round(events / seconds[1]) if seconds[1] else None,
             "floor": floor, "floor_per_second": round(events / beside[0]),
             "ratio": round(beside[0] / seconds[0], 3)}
            for case, seconds, beside, floor in cases]  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--laps", type=int, default=3)
    args = parser.parse_args()
    cluster = Cluster(f"bench-audit-{os.getpid()}", durable=False).start()
    try:
        cluster.ensure_database("bench")
        deployer.deploy(cluster.url("bench"))
        with connect(cluster.url("bench"), "bench") as conn:
            for line in measure(conn, args.events, args.laps):
                print(json.dumps(line), flush=True)
                told = (line["case"], line["per_second"], line["floor"], line["ratio"])
                print(
                    "{:<20}{:>10}/s   {:>5} of {}".format(*told[:2], told[3], told[2]),
                    file=sys.stderr,
                )
    finally:
        cluster.stop(remove=True)


if __name__ == "__main__":
    main()
