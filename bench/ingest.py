"""Ingest of minute bars beside a bare COPY of the same rows: one JSON line a case.

python bench/ingest.py [--rows 100000] [--symbols 10] [--batches 1000 5000 20000 50000]

On a durable server of its own. `copy` is COPY into a table of the same columns and nothing else,
`copy_checked` into one with the same primary key, CHECKs and indexes; both get the rows ready made, in
types. `ingest` is the whole way of a worker: rows of a feed, packed, kept raw, judged and stored through
the doors as the login of a worker; `again` is the same file once more. `server_us` is the processor time
of the session's server process a row (Linux), which a busy machine disturbs less than the rate; `ratio`
and `server_ratio` are to `copy_checked`. Give 1000000 for the long one.
"""

from __future__ import annotations

import argparse
import resource
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryFile
from time import perf_counter
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

from bench.live_path import Line, serve, show  # noqa: E402
from kit import sessions  # noqa: E402
from mqk.db import STEADY, Connection, call, call_value, connect  # noqa: E402
from mqk.feeds.batches import BATCH, pack  # noqa: E402
from support import worker_url  # noqa: E402

SLOTS = 390  # minutes of a session
NOW = datetime(2034, 1, 1, tzinfo=UTC)
TABLES = {
    "plain": "create table public.plain (like md.bars)",
    "checked": "create table public.checked (like md.bars including all)",
}
READY = """
select symbol, timeframe, bar_end_at, session_on, open_micros, high_micros, low_micros, close_micros,
       volume, ingest_id
  from md.bars order by bar_end_at, symbol"""


def make_rows(symbols: int, first: int, many: int) -> Iterator[dict[str, Any]]:
    """`many` rows from minute `first` on, as a feed gives them: minute by minute, every symbol."""
    days = sessions((first + many) // SLOTS // symbols + 2)
    for n in range(first, first + many):
        day, slot = divmod(n // symbols, SLOTS)
        at = datetime(*days[day].timetuple()[:3], 14, 30, tzinfo=UTC) + timedelta(minutes=slot)
        price = 1_000_000 + n * 7919 % 977_000
        low, high = divmod(price - 5000, 10_000), divmod(price + 5000, 10_000)
        yield {
            "line_no": n - first + 2,
            "symbol": f"S{n % symbols}",
            "timeframe": "1m",
            "starts_at": at.isoformat(),
            "open": "{}.{:04}".format(*divmod(price, 10_000)),
            "high": "{}.{:04}".format(*high),
            "low": "{}.{:04}".format(*low),
            "close": "{}.{:04}".format(*divmod(price + 100, 10_000)),
            "volume": str(1000 + n % 9973),
        }


def stock(conn: Connection, symbols: int, rows: int) -> None:
    """A calendar and instruments for that many rows."""
    days = [
        {
            "session_on": day.isoformat(),
            "opens_at": f"{day}T14:30:00Z",
            "closes_at": f"{day}T21:00:00Z",
            "is_half_day": False,
        }
        for day in sessions(rows // SLOTS // symbols + 2)
    ]
    listed = [
        {"symbol": f"S{n}", "exchange_id": "XTST", "instrument_kind": "EQUITY", "name": "none"}
        for n in range(symbols)
    ]
    call(conn, "api.md_load_calendar", exchange_id="XTST", time_zone="UTC", rows=days, now_at=NOW)
    call(conn, "api.md_load_instruments", rows=listed, now_at=NOW)


def used(conn: Connection) -> float:
    """Seconds of processor that the session's server process has used; 0 where nobody tells."""
    told = Path(f"/proc/{conn.info.backend_pid}/schedstat")
    return int(told.read_text().split()[0]) / 1e9 if told.exists() else 0.0


def peak(conn: Connection) -> int:
    """The most memory that the session's server process ever had, shared buffers included, in MB."""
    told = Path(f"/proc/{conn.info.backend_pid}/status")
    lines = told.read_text().splitlines() if told.exists() else []
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")), 0)


class Bench:
    """A desk of its own, a worker's session, and what each case took."""

    def __init__(self, url: str, args: argparse.Namespace) -> None:
        self.args = args
        self.boss = connect(url, "bench")
        stock(self.boss, args.symbols, args.rows * (len(args.batches) + 1))
        self.conn = connect(worker_url(url, "marketdata"), "bench", STEADY)
        self.first = 0

    def ingest(self, first: int, size: int) -> Line:
        """Carry the rows from `first` on through the worker's doors; making them is not counted."""
        seconds, cpu, stored = 0.0, used(self.conn), 0
        for start in range(0, self.args.rows, size):
            many = min(size, self.args.rows - start)
            rows = list(make_rows(self.args.symbols, first + start, many))
            began = perf_counter()
            stored += self.store(pack(rows))
            seconds += perf_counter() - began
        return {"seconds": seconds, "cpu": used(self.conn) - cpu, "stored": stored}

    def store(self, batch: Any) -> int:
        """Keep the batch as an answer and ingest it; how many rows were new."""
        terms = {"feed": "bench", "now_at": NOW}
        body = batch["lines"].encode()
        kind = "text/tab-separated-values"
        raw = call_value(
            self.conn, "io.keep_raw", request={}, content_type=kind, body=body, **terms
        )
        report = call(
            self.conn,
            "io.ingest_bars",
            is_second=False,
            raws=[raw],
            normaliser="bench.v1",
            timeframe="1m",
            policy="REFUSE",
            rows=batch,
            **terms,
        )
        return int(report[0]["rows_stored"])

    def copy(self, table: str) -> Line:
        """COPY the stored rows of the first case, ready made, into a table."""
        self.boss.execute(f"drop table if exists public.{table}")
        self.boss.execute(TABLES[table])
        with TemporaryFile() as file:
            with self.boss.cursor().copy(f"copy ({READY}) to stdout") as out:
                file.writelines(out)
            file.seek(0)
            cpu, began = used(self.boss), perf_counter()
            with self.boss.cursor().copy(f"copy public.{table} from stdin") as into:
                while part := file.read(1 << 16):
                    into.write(part)
            return {"seconds": perf_counter() - began, "cpu": used(self.boss) - cpu}

    def run(self) -> Iterator[Line]:
        """Every case."""
        first = self.ingest(0, BATCH)
        assert first["stored"] == self.args.rows, first
        again = self.ingest(0, BATCH)
        assert again["stored"] == first["stored"], (
            again
        )  # the same reports: nothing is stored twice
        plain, self.base = self.copy("plain"), self.copy("checked")
        yield self.line("copy", **plain)
        yield self.line("copy_checked", **self.base)
        yield self.line("ingest", batch=BATCH, **first)
        yield self.line("again", batch=BATCH, **again)
        for number, size in enumerate(self.args.batches, 1):
            done = self.ingest(number * self.args.rows, size)
            yield self.line("ingest", batch=size, **done)
        mine = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        yield {"case": "memory", "client_mb": mine, "server_mb": peak(self.conn)}

    def line(self, case: str, seconds: float, cpu: float, **more: Any) -> Line:
        """A line: rows a second, and how much of the checked COPY's rate that is."""
        rows = self.args.rows
        return {
            "case": case,
            **{k: v for k, v in more.items() if k == "batch"},
            "rows": rows,
            "per_second": round(rows / seconds),
            "server_us": round(cpu * 1e6 / rows, 2),
            "ratio": self.base["seconds"] / seconds,
            "server_ratio": self.base["cpu"] / cpu if cpu else None,
        }


def main() -> None:
    """Parse the arguments and show every line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--symbols", type=int, default=10)
    parser.add_argument("--batches", type=int, nargs="*", default=[1000, 5000, 50_000])
    with serve() as cluster:
        for line in Bench(cluster.url("bench"), parser.parse_args()).run():
            show(line)


if __name__ == "__main__":
    main()
