"""The published trade of LEAN's daily example (it buys SPY for all its money), by the profile `lean`, on
real bars (data/us_daily beside the project, or under MQK_SHARED; skipped without them).
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lab_kit import Named
from mqk.backtesting import Play
from mqk.config.load import canonical, load, merge
from mqk.db import call_row, call_value, connect
from mqk.loading import load_calendar
from mqk.strategies import Context
from mqk.strategies.study import Signal, Study
from support import ROOT, SERVER

FOLDER = Path(os.environ.get("MQK_SHARED", ROOT.parent / "shared")) / "data" / "us_daily"
ORACLE = json.loads((ROOT / "tests" / "oracles" / "backtest_spy_buy_and_hold.json").read_text())
((DAY, SHARES, PRICE, FEE),) = ORACLE["basic_template_daily"]
FIRST, LAST = "2013-10-07", "2013-10-17"  # a bar before the first one that LEAN sees
NOW = datetime(2024, 1, 1, tzinfo=UTC)
ALL_BUT_A_BUFFER = 9975  # bps: LEAN keeps a quarter of a per cent back
TERMS: dict[str, Any] = {
    "broker": {"initial_cash": 100_000},
    "risk": {
        "max_order_notional": 1, "max_position_per_symbol": 1, "max_concentration": 1,
        "daily_loss_limit": 0.5, "max_drawdown": 0.9,
    },
    "strategy": {
        "strategy_id": "tested", "symbols": ["SPY"], "window_bars": 2,
        "parameters": {},
    },
}  # fmt: skip

pytestmark = pytest.mark.skipif(
    not (FOLDER / "SPY.csv").exists(), reason="data/us_daily is not here (MQK_SHARED)"
)


class BuyAndHold(Named):
    """All in at once."""

    def on_bar(self, context: Context) -> dict[str, int]:
        """Not asked."""
        raise NotImplementedError

    def signals(self, study: Study) -> Iterable[Signal]:
        """One, at the bar at which LEAN decides."""
        return [Signal(2, symbol, "WEIGHT", ALL_BUT_A_BUFFER) for symbol in study.series]


def read_adjusted() -> list[dict[str, Any]]:
    """Raw bars times the price factor of their day, which holds up to and on the day it names; micros."""
    with (FOLDER / "SPY.factors.csv").open(newline="") as source:
        factors = [(row["date"], Decimal(row["price_factor"])) for row in csv.DictReader(source)]
    rows = []
    with (FOLDER / "SPY.csv").open(newline="") as source:
        for row in csv.DictReader(source):
            if FIRST <= row["date"] <= LAST:
                day = row["date"].replace("-", "")
                factor = next(value for until, value in factors if day <= until)
                prices = ("open", "high", "low", "close")
                values = {k: str(round(Decimal(row[k]) * factor, 6)) for k in prices}
                at = {"line_no": 2, "symbol": "SPY", "timeframe": "1D", "session_on": row["date"]}
                rows.append({**at, **values, "volume": row["volume"]})
    return rows


@pytest.fixture(scope="module")
def lean() -> Iterator[Play]:
    """The backtest, through the doors."""
    with SERVER.clone() as db, connect(db.url) as conn:
        load_calendar(conn, ROOT / "config" / "calendars" / "XNYS.csv", NOW)
        listed = {"symbol": "SPY", "exchange_id": "XNYS", "instrument_kind": "ETF", "name": "SPY"}
        call_row(conn, "api.md_load_instruments", rows=[listed], now_at=NOW)
        rows = read_adjusted()
        raw = call_value(
            conn, "api.md_keep_raw", feed="lean", request={}, content_type="text/csv",
            body=b"", now_at=NOW,
        )  # fmt: skip
        call_row(
            conn, "api.md_ingest", feed="lean", is_second=False, raws=[raw], normaliser="lean.v1",
            timeframe="1D", policy="REFUSE", rows=rows, now_at=NOW,
        )  # fmt: skip
        frozen = call_row(
            conn, "api.backtest_freeze", timeframe="1D", symbols=["SPY"], from_on=FIRST, to_on=LAST,
            now_at=NOW,
        )  # fmt: skip
        layers = [
            ROOT / "config" / name for name in ("defaults/base.yaml", "parity_profiles/lean.yaml")
        ]
        config = canonical(merge(load(layers), TERMS))
        play = Play(conn, lambda: NOW, config, BuyAndHold())
        assert frozen
        play.run(frozen["dataset_id"])
        yield play


def test_the_profile_lean_fills_what_lean_has_published(lean: Play) -> None:
    fills = lean.conn.execute(
        "select k.ends_at[f.tick_no]::date as day, f.fill_qty, f.price_micros, f.fee_micros"
        "  from lab.fills as f join lab.backtests as b using (backtest_id)"
        "  join lab.packs as k using (dataset_id)"
    ).fetchall()
    assert [tuple(map(str, fill.values())) for fill in fills] == [
        (
            f"{DAY[:4]}-{DAY[4:6]}-{DAY[6:]}",
            str(SHARES),
            str(int(Decimal(PRICE) * 10**6)),
            str(int(Decimal(FEE) * 10**6)),
        )
    ]


def test_its_end_is_what_is_left_and_what_is_held(lean: Play) -> None:
    cash = 100_000 - SHARES * Decimal(PRICE) - Decimal(FEE)
    held = SHARES * Decimal(read_adjusted()[-1]["close"])
    assert lean.row["cash_micros"] == cash * 10**6
    assert lean.row["equity_micros"] == (cash + held) * 10**6


def test_the_profile_lean_is_not_promotable(lean: Play) -> None:
    judged = call_row(
        lean.conn,
        "api.promote_judge",
        backtest_id=lean.row["backtest_id"],
        profile="MAIN",
        build="b" * 64,
        now_at=NOW,
    )
    assert judged and not judged["is_promoted"]
    for gate in ("worst_case 0 is below 1", "participation_bps 10000 is above 100"):
        assert gate in judged["reasons"]
