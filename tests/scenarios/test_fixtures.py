"""Laws of five small markets: what the judge of the data says of each, and what the desk does."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fixtures.make_bars import FOLDER, MARKETS
from minute_kit import SlotDesk
from support import Database

STRATEGY = {
    "strategy_id": "sma_trend_sql",
    "symbols": ["AAA"],
    "parameters": {"fast_bars": 1, "slow_bars": 2, "weight_bps": 2000},
}


class HourDesk(SlotDesk):
    """A desk that is shown one of the markets, hour by hour."""

    timeframe = "1H"
    stale_seconds = 60

    def watch(self, name: str) -> None:
        """Show two bars, arm and begin, show the rest."""
        with (FOLDER / name).open(newline="") as source:
            bars = list(csv.DictReader(source))
        for n, given in enumerate(bars):
            bar = {**given, "ends_at": given["ts_close_utc"]}
            del bar["ts_close_utc"]
            self.market.rows.append({**bar, "symbol": "AAA", "timeframe": "1H"})
            self.clock.move_to(datetime.fromisoformat(bar["ends_at"]) + timedelta(seconds=1))
            if n == 1:
                self.tick("marketdata", "broker_events", "snapshots")
                self.show_workers()
                self.arm()
            elif n > 1:
                self.tick()


@pytest.fixture
def hours(db: Database) -> Any:
    desk = HourDesk(db.url, {"gap_window_bars": 14}, strategy=STRATEGY)
    yield desk
    assert desk.broken_promises() == []
    desk.conn.close()


def fills(desk: HourDesk) -> list[tuple[int, int]]:
    """(shares, price in micros) of every fill."""
    rows = desk.sql("select fill_qty, price_micros from ledger.fills order by fill_seq")
    return [(r["fill_qty"], r["price_micros"]) for r in rows]


def last_decision(desk: HourDesk) -> datetime:
    """The last bar that was decided on."""
    return desk.one("select max(bar_end_at) from strat.decisions")  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", MARKETS)
def test_a_market_is_what_its_rule_makes(name: str) -> None:
    text = (FOLDER / name).read_text()
    assert text == MARKETS[name]
    header, *rows = text.splitlines()
    assert header == "ts_close_utc,open,high,low,close,volume"
    times = [row.split(",")[0] for row in rows]
    assert times == sorted(set(times))
    assert {path.name for path in Path(FOLDER).iterdir()} == set(MARKETS)


def test_bars_1h_trend_up_is_sound_and_held(hours: HourDesk) -> None:
    hours.watch("bars_1h_trend_up.csv")
    assert (hours.status, hours.defects()) == ("RUNNING", [])
    assert all(shares > 0 for shares, _ in fills(hours))
    assert hours.one("select position_qty from ledger.positions where symbol = 'AAA'") > 0


def test_bars_1h_chop_meanrevert_is_sound_and_traded_both_ways(hours: HourDesk) -> None:
    hours.watch("bars_1h_chop_meanrevert.csv")
    assert (hours.status, hours.defects()) == ("RUNNING", [])
    assert {shares > 0 for shares, _ in fills(hours)} == {True, False}


def test_bars_1h_gap_down_stop_is_sound_and_the_stop_fills_at_the_open_behind_the_gap(
    db: Database,
) -> None:
    desk = HourDesk(db.url, strategy={**STRATEGY, "protective_stop_bps": 500})
    desk.watch("bars_1h_gap_down_stop.csv")
    assert (desk.status, desk.defects()) == ("RUNNING", [])  # 12 % is no outlier
    stop = desk.sql(
        "select o.stop_price_micros, f.price_micros, f.fill_qty from oms.orders as o"
        " join ledger.fills as f using (client_order_id) where o.order_type = 'STOP'"
    )
    assert {row["price_micros"] for row in stop} == {91_500_000}  # the open, below the stop
    assert all(row["stop_price_micros"] > row["price_micros"] for row in stop)
    assert sum(row["fill_qty"] for row in stop) < 0
    assert desk.broken_promises() == []
    desk.conn.close()


def test_bars_1h_missing_bar_gap_halts_before_the_next_decision(hours: HourDesk) -> None:
    hours.watch("bars_1h_missing_bar_gap.csv")
    assert hours.status == "HALTED"
    assert "GAP 1" in hours.halt_reason
    assert "AAA lacks 2024-01-04T18:30:00Z" in hours.halt_reason
    assert f"{last_decision(hours):%Y-%m-%dT%H:%M}" == "2024-01-04T17:30"


def test_bars_1h_outlier_spike_halts_before_the_spike_is_decided_on(hours: HourDesk) -> None:
    hours.watch("bars_1h_outlier_spike.csv")
    assert hours.status == "HALTED"
    assert "OUTLIER 1: AAA 2024-01-04T18:30:00Z closed at 208.500000" in hours.halt_reason
    assert f"{last_decision(hours):%Y-%m-%dT%H:%M}" == "2024-01-04T17:30"
    assert all(price < 110_000_000 for _, price in fills(hours))
