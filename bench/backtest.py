"""Backtests beside other engines: the same bars, SMA 10 over 30, one JSON line an engine and workload.

python bench/backtest.py [--bars 1000000] [--workloads W1 W2 W3] [--engines sma_trend_sql backtrader ...]

W1: one symbol of minute bars; W2: ten symbols, a tenth of the bars each; W3: the daily bars of the demo.
Ours runs twice on the frozen bars, with the strategy in SQL and with the one in Python, by the doors and
with every limit judged: orders, fills, lots, curve and digest are committed on a durable server. A peer
keeps what it keeps in memory. Each engine has a process of its own; reading bars (ours: freezing them,
a line of its own) is not timed. `ratio_to_ours` is the peer's rate to that of our SQL strategy, and
`cpu_ratio_to_ours` the same by processor time, which a busy machine disturbs less. The engines come
from `make peers`; one that is not there, or that fails, is a line that says why.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

from bench.ingest import peak, used  # noqa: E402
from bench.live_path import Line, serve, show  # noqa: E402
from mqk.config.load import canonical, load, merge  # noqa: E402
from mqk.db import STEADY, call, connect  # noqa: E402
from mqk.feeds.csv import CsvFeed  # noqa: E402
from mqk.loading import ingest_batches, load_calendar  # noqa: E402

OURS = ("sma_trend_sql", "sma_trend")
PEERS = {
    "backtrader": "backtrader_.py",
    "backtesting": "backtesting_.py",
    "nautilus_trader": "nautilus_.py",
    "zipline-reloaded": "zipline_.py",
    "vectorbt": "vectorbt_.py",
}
RATIOS = {"seconds": "ratio_to_ours", "cpu_seconds": "cpu_ratio_to_ours"}
DAILY = ("AAPL", "GOOG", "IBM", "MSFT")
NOW = datetime(2034, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SPAN = (
    "select min(session_on) as first, max(session_on) as last from md.bars where symbol = any(%s)"
)
TERMS: dict[str, Any] = {  # nothing binds, and every order fills in one bar, as the peers' do
    "broker": {"initial_cash": 10_000_000},
    "execution": {
        "slippage_bps": 1, "volatility_mult_bps": 0, "fee_per_share_micros": 0, "fee_bps": 1,
        "participation_bps": 10_000, "split_above_qty": 1_000_000,
    },
    "risk": {
        "daily_loss_limit": 0.5, "max_drawdown": 0.9, "max_order_qty": 1_000_000,
        "repeated_execution": {"max_orders": 100, "window_seconds": 3600},
    },
    "strategy": {"parameters": {"fast_bars": 10, "slow_bars": 30, "weight_bps": 100}},
}  # fmt: skip
FIRST = "2006-01-03"
PATIENCE = 1800  # seconds of one engine
FIELDS = ("open", "high", "low", "close", "volume")
HEADER = ("symbol", "timeframe", "starts_at", *FIELDS)


def list_minutes(many: int) -> Iterator[datetime]:
    """When each minute begins, of as many whole sessions from FIRST on as that many bars fill."""
    with (ROOT / "config" / "calendars" / "XNYS.csv").open(encoding="utf-8") as source:
        for row in csv.DictReader(source):
            if row["session_on"] < FIRST:
                continue
            opens, closes = (datetime.fromisoformat(row[k]) for k in ("opens_at", "closes_at"))
            minutes = (closes - opens) // MINUTE
            many -= minutes
            if many < 0:
                return
            yield from (opens + n * MINUTE for n in range(minutes))


def draw(seed: int) -> Iterator[list[str]]:
    """A walk in whole cents: each step is bits of a number that follows from the one before."""
    close = 10_000
    while True:
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        bits = seed >> 24
        begin = close + bits % 3 - 1
        close = max(2000, close + (bits >> 4) % 9 - 4)
        high, low = max(begin, close) + (bits >> 12) % 3, min(begin, close) - (bits >> 16) % 3
        prices = [f"{cents // 100}.{cents % 100:02}" for cents in (begin, high, low, close)]
        yield [*prices, str(100_000 + bits % 9973)]


def write_bars(folder: Path, workload: str, bars: int) -> list[str]:
    """A file a symbol, which we ingest and the peers read; give the symbols."""
    if workload == "W3":
        for symbol in DAILY:
            copy(ROOT / "python" / "mqk" / "data" / "bars" / f"{symbol}.csv", folder)
        return list(DAILY)
    symbols = [f"{workload}S{n}" for n in range(1 if workload == "W1" else 10)]
    for seed, symbol in enumerate(symbols, 1):
        with (folder / f"{symbol}.csv").open("w", encoding="utf-8") as out:
            print(*HEADER, sep=",", file=out)
            minutes = list_minutes(bars // len(symbols))
            for at, values in zip(minutes, draw(seed), strict=False):
                print(symbol, "1m", f"{at:%Y-%m-%dT%H:%M:%SZ}", *values, sep=",", file=out)
    return symbols


class Bench:
    """A durable server with an empty desk, and a folder for what the engines read."""

    def __init__(self, url: str, folder: Path, args: argparse.Namespace) -> None:
        self.url, self.folder, self.args = url, folder, args
        self.conn = connect(url, "bench", STEADY)
        load_calendar(self.conn, ROOT / "config" / "calendars" / "XNYS.csv", NOW)

    def run(self) -> Iterator[Line]:
        """Every workload in every engine."""
        for workload in self.args.workloads:
            folder = self.folder / workload
            folder.mkdir()
            symbols = write_bars(folder, workload, self.args.bars)
            self.store(folder, symbols)
            timeframe = "1D" if workload == "W3" else "1m"
            frozen, dataset = self.freeze(timeframe, symbols)
            yield {"workload": workload, "engine": "freeze", **frozen}
            ours: Line = {}
            for engine in self.args.engines:
                if engine in OURS:
                    line = self.play(engine, folder, timeframe, symbols, dataset)
                else:
                    line = ask(PEERS[engine], folder, engine)
                ours = line if engine == OURS[0] else ours
                if "seconds" in line:
                    line["bars_per_s"] = round(frozen["bars"] / line["seconds"])
                    for name in ("seconds", "cpu_seconds"):
                        line[RATIOS[name]] = ours[name] / line[name] if name in ours else None
                yield {"workload": workload, "engine": engine, "bars": frozen["bars"], **line}

    def store(self, folder: Path, symbols: list[str]) -> None:
        """Ingest what lies in the folder."""
        kind = {"exchange_id": "XNYS", "instrument_kind": "EQUITY", "name": "none"}
        rows = [{"symbol": symbol, **kind} for symbol in symbols]
        call(self.conn, "api.md_load_instruments", rows=rows, now_at=NOW)
        for symbol in symbols:
            ingest_batches(self.conn, CsvFeed(folder / f"{symbol}.csv"), "REFUSE", NOW)
        self.conn.execute("analyze md.bars")

    def freeze(self, timeframe: str, symbols: list[str]) -> tuple[Line, str]:
        """Freeze all bars of the symbols."""
        first, last = self.conn.execute(SPAN, [symbols]).fetchone().values()
        with connect(self.url, "bench") as conn:
            before, began = used(conn), perf_counter()
            terms = {"timeframe": timeframe, "symbols": symbols, "from_on": first, "to_on": last}
            row = call(conn, "api.backtest_freeze", **terms, now_at=NOW)[0]
            conn.commit()
            seconds = perf_counter() - began
            line = {
                "bars": row["bars"],
                "seconds": seconds,
                "cpu_seconds": used(conn) - before,
                "bars_per_s": round(row["bars"] / seconds),
                "peak_mb": peak(conn),
            }
        return line, str(row["dataset_id"])

    def play(
        self, engine: str, folder: Path, timeframe: str, symbols: list[str], dataset: str
    ) -> Line:
        """Ours, as a config of its own."""
        config = folder / f"{engine}.json"
        strategy = {"strategy_id": engine, "symbols": symbols, "window_bars": 50}
        terms = {"data": {"timeframe": timeframe}, "strategy": strategy}
        values = merge(load([ROOT / "config" / "defaults" / "base.yaml"]), TERMS)
        config.write_text(canonical(merge(values, terms)), encoding="utf-8")
        return ask("mqk_.py", self.url, dataset, str(config))


def ask(script: str, *words: str | Path) -> Line:
    """What an engine tells of itself, or why it tells nothing. A peer's last word is its package."""
    python = Path(sys.executable)
    if script != "mqk_.py":
        python = ROOT / ".tool" / "peers" / str(words[-1]) / "bin" / "python"
        if not python.exists():
            return {"why": f"not installed: make peers, {python.relative_to(ROOT)}"}
    command = [python, ROOT / "bench" / "peers" / script, *words]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return {"why": f"no end after {PATIENCE} s"}
    if done.returncode:
        return {"why": done.stderr.strip().splitlines()[-1][:200]}
    told: Line = json.loads(done.stdout.splitlines()[-1])
    return told


def main() -> None:
    """Parse the arguments and show every line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bars", type=int, default=1_000_000, help="of W1, and of W2 in all")
    parser.add_argument("--workloads", nargs="+", default=["W1", "W2", "W3"])
    parser.add_argument("--engines", nargs="+", default=[*OURS, *PEERS])
    args = parser.parse_args()
    with serve() as cluster, TemporaryDirectory() as folder:
        for line in Bench(cluster.url("bench"), Path(folder), args).run():
            show(line)


if __name__ == "__main__":
    main()
