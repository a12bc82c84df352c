"""Laws of bars within a session: their grid, their gaps, and a desk that trades on them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from kit import GIVEN, Desk
from support import Database

STEP = {"1m": 60, "5m": 300, "15m": 900, "1H": 3600}


def opens(day: date) -> datetime:
    """When a session of the made-up exchange opens; it closes six and a half hours later."""
    return datetime(day.year, day.month, day.day, 14, 30, tzinfo=UTC)


def row(
    symbol: str, start: datetime, price: Any, timeframe: str = "5m", **put: Any
) -> dict[str, Any]:
    """One row as a feed gives it that names the start of a bar."""
    text = str(price)
    ohlc = dict.fromkeys(("open", "high", "low", "close"), text)
    return {
        "line_no": 2, "symbol": symbol, "timeframe": timeframe, "starts_at": start.isoformat(),
        **ohlc, "volume": "1000000", **put,
    }  # fmt: skip


class Intraday(Desk):
    """A desk of five-minute bars."""

    def __init__(self, url: str, **config: Any) -> None:
        data = {"timeframe": "5m", "stale_data_threshold_seconds": 60}
        super().__init__(url, data=data, **config)

    def show(
        self, index: int, slot: int, *ticks: str, volume: str = "1000000", **prices: int
    ) -> None:
        """The bars of a slot (from 1) of session `index`, and a tick (of everything) 5 s after its end."""
        start = opens(self.days[index]) + (slot - 1) * timedelta(minutes=5)
        for symbol, price in prices.items():
            self.market.rows.append(row(symbol, start, price, volume=volume))
        self.clock.move_to(start + timedelta(minutes=5, seconds=5))
        self.tick(*ticks)

    def begin(self) -> None:
        """Two slots of the first session, then arm and begin."""
        for slot in (1, 2):
            start = opens(self.days[0]) + (slot - 1) * timedelta(minutes=5)
            self.market.rows += [row("AAA", start, 100), row("BBB", start, 50)]
        self.clock.move_to(opens(self.days[0]) + timedelta(minutes=10, seconds=5))
        self.tick("marketdata", "broker_events", "snapshots")
        self.show_workers()
        words = self.value("api.run_arm_words", run_id=self.run_id)
        for command, args in (("run_arm", {"confirm": words}), ("run_begin", {})):
            done = self.act(command, run_id=self.run_id, **args)
            assert done["outcome"] == "DONE", done


@pytest.fixture
def intraday(db: Database) -> Iterator[Intraday]:
    desk = Intraday(db.url)
    yield desk
    desk.conn.close()


@pytest.mark.parametrize("timeframe", STEP)
@pytest.mark.parametrize(
    ("put", "verdict"),
    [
        ({}, None),
        ({"starts_at": None, "ends_at": "END"}, None),
        ({"starts_at": "OFF"}, "NOT_ON_GRID"),
        ({"starts_at": None, "ends_at": "OFF"}, "NOT_ON_GRID"),
        ({"starts_at": None}, "TIME_INVALID"),
        ({"ends_at": "END"}, "TIME_INVALID"),
        ({"session_on": "2024-01-02", "starts_at": None}, "TIME_INVALID"),
        ({"starts_at": "2024-01-02 14:30:00"}, "TIME_INVALID"),  # no offset
        ({"starts_at": "2024-01-02T25:30:00Z"}, "TIME_INVALID"),
        ({"starts_at": "infinity"}, "TIME_INVALID"),
        ({"is_complete": "yes"}, "FLAG_INVALID"),
    ],
)
def test_a_bar_is_a_slot_of_a_session(
    desk: Desk, timeframe: str, put: dict[str, Any], verdict: str | None
) -> None:
    start = opens(desk.days[0])
    told = {
        "END": (start + timedelta(seconds=STEP[timeframe])).isoformat(),
        "OFF": (start + timedelta(seconds=1)).isoformat(),
    }
    put = {key: told.get(value, value) for key, value in put.items()}
    desk.clock.move_to(start + timedelta(hours=7))
    report = desk.ingest([{**row("AAA", start, 100, timeframe), **put}], timeframe=timeframe)
    found = desk.call("api.md_findings", ingest_id=report["ingest_id"])
    assert [f["finding"] for f in found] == ([verdict] if verdict else [])
    assert report["rows_stored"] == (not verdict)
    if not verdict:
        end = desk.one("select bar_end_at from md.bars")
        assert end == start + timedelta(seconds=STEP[timeframe])


@pytest.mark.parametrize(
    ("at", "skipped"),
    [("14:25:00", {"OUT_OF_SESSION": 1}), ("14:30:00", {}), ("20:55:00", {}),
     ("21:00:00", {"OUT_OF_SESSION": 1})],
)  # fmt: skip
def test_a_bar_before_the_open_or_after_the_close_is_passed_over(
    desk: Desk, at: str, skipped: dict[str, int]
) -> None:
    desk.clock.move_to(opens(desk.days[0]) + timedelta(hours=8))
    start = datetime.fromisoformat(f"{desk.days[0]}T{at}+00:00")
    report = desk.ingest([row("AAA", start, 100)], timeframe="5m", policy="REFUSE")
    assert desk.one("select skipped from md.ingests") == skipped
    assert report["rows_stored"] == 1 - len(skipped)


def test_the_last_hour_of_a_session_ends_with_it(desk: Desk) -> None:
    desk.clock.move_to(opens(desk.days[0]) + timedelta(hours=8))
    start = opens(desk.days[0]) + timedelta(hours=6)
    desk.ingest([row("AAA", start, 100, "1H")], timeframe="1H", policy="REFUSE")
    assert desk.one("select bar_end_at from md.bars") == start + timedelta(minutes=30)


@pytest.mark.parametrize(("early", "stored"), [(1, 0), (0, 1)])
def test_an_intraday_bar_is_known_at_its_end_and_not_before(
    desk: Desk, early: int, stored: int
) -> None:
    start = opens(desk.days[0])
    desk.clock.move_to(start + timedelta(minutes=5) - early * timedelta(microseconds=1))
    assert desk.ingest([row("AAA", start, 100)], timeframe="5m")["rows_stored"] == stored


def test_a_forming_bar_is_passed_over_and_stored_once_it_is_complete(desk: Desk) -> None:
    start = opens(desk.days[0])
    desk.clock.move_to(start + timedelta(minutes=9))
    forming = row("AAA", start + timedelta(minutes=5), 101, is_complete="false")
    report = desk.ingest([row("AAA", start, 100), forming], timeframe="5m", policy="REFUSE")
    assert (report["rows_stored"], report["rows_skipped"], report["gate_result"]) == (1, 1, "CLEAN")
    desk.clock.move_to(start + timedelta(minutes=10))
    complete = {**forming, "is_complete": "true", "close": "101"}
    assert desk.ingest([complete], timeframe="5m")["rows_stored"] == 1


def test_a_desk_trades_on_five_minute_bars_and_fills_in_the_next(intraday: Intraday) -> None:
    intraday.begin()
    intraday.show(0, 3, AAA=110, BBB=50)
    intraday.show(0, 4, AAA=120, BBB=50)
    intraday.tick()
    fills = intraday.sql("select f.symbol, f.price_micros from ledger.fills as f")
    assert [(f["symbol"], f["price_micros"]) for f in fills] == [("AAA", 120_000_000)]
    decided = intraday.sql("select bar_end_at from strat.decisions order by 1")
    ends = [opens(intraday.days[0]) + n * timedelta(minutes=5) for n in (2, 3, 4)]
    assert [d["bar_end_at"] for d in decided][-2:] == ends[-2:]
    assert intraday.status == "RUNNING"
    assert intraday.broken_promises() == []


def test_a_missing_five_minute_bar_halts_once_it_is_late(intraday: Intraday) -> None:
    intraday.begin()
    intraday.show(0, 3, AAA=110)  # BBB is missing
    assert intraday.status == "RUNNING"
    end = opens(intraday.days[0]) + timedelta(minutes=15)
    intraday.clock.move_to(end + timedelta(seconds=60) - timedelta(microseconds=1))
    intraday.tick("marketdata")
    assert intraday.status == "RUNNING"
    intraday.clock.move_to(end + timedelta(seconds=60))
    intraday.tick("marketdata")
    assert intraday.status == "HALTED"
    assert f"BBB lacks {end:%Y-%m-%dT%H:%M:%S}" in intraday.halt_reason


def test_a_day_order_ends_with_its_session_and_a_night_is_no_gap(db: Database) -> None:
    desk = Intraday(db.url, strategy=GIVEN)
    desk.begin()
    status = "select order_status from oms.orders"
    others = ("marketdata", "broker_events", "snapshots", "gateway")
    seen = []
    for slot in range(3, 79):
        desk.show(0, slot, *others, volume="0", AAA=100, BBB=50)  # nobody trades
        if slot == 3:
            targets = {"AAA": 10}
            lease = desk.lease("strategist")
            desk.call("io.plan_intents", **lease, targets=targets, now_at=desk.now)
            desk.tick("gateway", "broker_events")
        seen.append(desk.one(status))
    assert seen[-3:] == ["ACCEPTED", "ACCEPTED", "EXPIRED"]
    desk.show(1, 1, AAA=100, BBB=50)
    assert desk.status == "RUNNING", desk.halt_reason
    assert len(desk.sql("select distinct session_on from md.bars where symbol = 'AAA'")) == 2
    desk.conn.close()


def test_the_day_of_the_risk_limits_is_the_session_of_the_last_bar(intraday: Intraday) -> None:
    intraday.begin()
    for slot in range(3, 79):
        intraday.show(0, slot, AAA=100, BBB=50)
    day = "select session_on from risk.states"
    assert intraday.one(day) == intraday.days[0]
    intraday.clock.move_to(opens(intraday.days[1]) + timedelta(minutes=5, microseconds=-1))
    intraday.tick("marketdata")
    assert intraday.one(day) == intraday.days[0]
    intraday.show(1, 1, AAA=100, BBB=50)
    assert intraday.one(day) == intraday.days[1]
