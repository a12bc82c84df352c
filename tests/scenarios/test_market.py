"""Laws of market data: what a bar is, what is refused, and when a hole stops the desk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from kit import Desk, bar, close_of
from mqk.errors import MqkError
from support import SERVER


def ingest(desk: Desk, *rows: dict[str, Any], policy: str = "KEEP_GOOD") -> dict[str, Any]:
    """Ingest rows, numbered from line 2; give the report."""
    numbered = [{**row, "line_no": n} for n, row in enumerate(rows, 2)]
    return desk.ingest(numbered, policy=policy)


def findings(desk: Desk, report: dict[str, Any]) -> list[str]:
    """Findings of an ingest in line order."""
    rows = desk.call("api.md_findings", ingest_id=report["ingest_id"])
    return [row["finding"] for row in rows]


def count(desk: Desk) -> int:
    """Bars stored."""
    return int(desk.one("select count(*) from md.bars"))


def after_close(desk: Desk, index: int) -> None:
    """Five minutes after a close."""
    desk.clock.move_to(close_of(desk.days[index]) + timedelta(minutes=5))


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        ({"open": "0"}, "PRICE_INVALID"),
        ({"low": "-1"}, "PRICE_INVALID"),
        ({"close": "NaN"}, "PRICE_INVALID"),
        ({"close": "Infinity"}, "PRICE_INVALID"),
        ({"close": "1e2"}, "PRICE_INVALID"),
        ({"close": "100.0000001"}, "PRICE_INVALID"),
        ({"close": ""}, "PRICE_INVALID"),
        ({"close": None}, "PRICE_INVALID"),
        ({"high": "10000000.000001", "close": "10000000.000001"}, "PRICE_INVALID"),
        ({"high": "99.999999"}, "OHLC_INSANE"),
        ({"low": "100.000001"}, "OHLC_INSANE"),
        ({"volume": "-1"}, "VOLUME_INVALID"),
        ({"volume": "1.5"}, "VOLUME_INVALID"),
        ({"volume": None}, "VOLUME_INVALID"),
        ({"symbol": "ZZZ"}, "SYMBOL_UNKNOWN"),
        ({"symbol": "aaa"}, "SYMBOL_UNKNOWN"),
        ({"symbol": None}, "SYMBOL_UNKNOWN"),
        ({"session_on": "2024-01-06"}, "NOT_A_SESSION"),
        ({"session_on": "2024-1-3"}, "TIME_INVALID"),
        ({"session_on": "today"}, "TIME_INVALID"),
        ({"timeframe": "5Min"}, "TIMEFRAME_DIFFERS"),
        ({"timeframe": None}, "TIMEFRAME_DIFFERS"),
    ],
)
def test_a_bad_row_becomes_a_finding_and_no_bar(
    desk: Desk, change: dict[str, Any], finding: str
) -> None:
    after_close(desk, 1)
    good = bar("BBB", desk.days[1], 50)
    report = ingest(desk, good, {**bar("AAA", desk.days[1], 100), **change})
    assert (report["rows_read"], report["rows_stored"], report["rows_rejected"]) == (2, 1, 1)
    assert findings(desk, report) == [finding]
    assert count(desk) == 1


@pytest.mark.parametrize("change", [{}, {"volume": "0"}, {"low": "0.000001"}])
def test_a_good_row_at_the_edge_of_the_laws_is_stored(desk: Desk, change: dict[str, str]) -> None:
    after_close(desk, 1)
    ingest(desk, {**bar("AAA", desk.days[1], 100), **change}, policy="REFUSE")
    assert count(desk) == 1


@pytest.mark.parametrize(("early", "stored"), [(timedelta(microseconds=1), 0), (timedelta(0), 1)])
def test_a_bar_is_known_at_its_close_and_not_before(
    desk: Desk, early: timedelta, stored: int
) -> None:
    desk.clock.move_to(close_of(desk.days[1]) - early)
    report = ingest(desk, bar("AAA", desk.days[1], 100))
    assert report["rows_stored"] == stored
    assert findings(desk, report) == ([] if stored else ["NOT_CLOSED"])


def test_one_bad_row_refuses_the_whole_batch_under_refuse(desk: Desk) -> None:
    after_close(desk, 1)
    with pytest.raises(MqkError, match="MQA09") as no:
        ingest(desk, bar("BBB", desk.days[1], 50), bar("AAA", desk.days[1], 0), policy="REFUSE")
    assert "line 3 PRICE_INVALID" in no.value.detail
    assert count(desk) == 0
    assert desk.one("select count(*) from md.ingests") == 0


def test_the_same_batch_again_changes_nothing(desk: Desk) -> None:
    after_close(desk, 1)
    first = ingest(desk, bar("AAA", desk.days[1], 100))
    assert ingest(desk, bar("AAA", desk.days[1], 100)) == first
    assert count(desk) == 1


def test_a_bar_that_came_before_its_close_is_stored_once_it_has_closed(desk: Desk) -> None:
    desk.clock.move_to(close_of(desk.days[1]) - timedelta(seconds=1))
    batch = [bar("AAA", desk.days[0], 100), bar("AAA", desk.days[1], 101)]
    assert ingest(desk, *batch)["rows_stored"] == 1
    desk.clock.move_to(close_of(desk.days[1]))
    later = ingest(desk, *batch)
    assert (later["rows_stored"], later["rows_known"], later["rows_rejected"]) == (1, 1, 0)


def test_a_batch_is_judged_anew_once_its_symbol_is_known(desk: Desk) -> None:
    after_close(desk, 1)
    batch = bar("NEW", desk.days[1], 100)
    assert ingest(desk, batch)["rows_rejected"] == 1
    listed = {"symbol": "NEW", "exchange_id": "XTST", "instrument_kind": "EQUITY", "name": "N"}
    desk.call("api.md_load_instruments", rows=[listed], now_at=desk.now)
    assert ingest(desk, batch)["rows_stored"] == 1


def test_a_known_bar_in_another_batch_is_counted_as_known(desk: Desk) -> None:
    after_close(desk, 1)
    ingest(desk, bar("AAA", desk.days[1], 100))
    report = ingest(desk, bar("AAA", desk.days[1], 100), bar("BBB", desk.days[1], 50))
    assert (report["rows_stored"], report["rows_known"], report["rows_rejected"]) == (1, 1, 0)


def test_a_bar_that_differs_from_a_stored_one_is_a_conflict_and_the_stored_one_stays(
    desk: Desk,
) -> None:
    after_close(desk, 1)
    ingest(desk, bar("AAA", desk.days[1], 100))
    report = ingest(desk, bar("AAA", desk.days[1], 101))
    assert findings(desk, report) == ["CONFLICT"]
    assert desk.one("select close_micros from md.bars") == 100_000_000
    assert desk.one("select close_micros from md.conflicts") == 101_000_000


def test_a_row_twice_in_a_batch_is_passed_over(desk: Desk) -> None:
    after_close(desk, 1)
    report = ingest(desk, *[bar("AAA", desk.days[1], 100)] * 2, policy="REFUSE")
    assert (report["rows_stored"], report["rows_skipped"]) == (1, 1)
    assert desk.one("select skipped from md.ingests") == {"DUPLICATE": 1}


def test_two_values_for_one_bar_in_a_batch_are_both_refused(desk: Desk) -> None:
    after_close(desk, 1)
    report = ingest(desk, bar("AAA", desk.days[1], 100), bar("AAA", desk.days[1], 101))
    assert findings(desk, report) == ["CONFLICT_IN_BATCH"] * 2
    assert count(desk) == 0


def test_a_stored_bar_never_changes(desk: Desk) -> None:
    after_close(desk, 1)
    ingest(desk, bar("AAA", desk.days[1], 100))
    for change in (
        "update md.bars set volume = 1",
        "delete from md.bars",
        "truncate md.bars cascade",
    ):
        with pytest.raises(psycopg.Error, match="history is not rewritten"):
            desk.sql(change)


@pytest.mark.parametrize(
    "change",
    ["low_micros = 0", "high_micros = close_micros - 1", "volume = -1", "timeframe = '5Min'"],
)
def test_the_table_itself_refuses_a_bar_that_a_function_let_through(
    desk: Desk, change: str
) -> None:
    after_close(desk, 1)
    ingest(desk, bar("AAA", desk.days[1], 100))
    desk.sql("alter table md.bars disable trigger all")
    with pytest.raises(psycopg.errors.CheckViolation):
        desk.sql(f"update md.bars set {change}")


def integrity(desk: Desk) -> tuple[str, bool]:
    """What the integrity check says, and whether its gate is open."""
    said = desk.call("io.evaluate_integrity", run_id=desk.run_id, now_at=desk.now)[0]
    is_open = desk.one("select is_open from run.gates where gate = 'INTEGRITY'")
    return str(next(iter(said.values()))), bool(is_open)


def test_a_missing_session_shuts_the_gate_and_halts(running: Desk) -> None:
    running.add_bars(running.days[2], AAA=100)  # BBB is missing
    after_close(running, 2)
    running.tick("marketdata")
    assert running.status == "RUNNING"  # it may still come: an hour is allowed
    running.clock.move_to(close_of(running.days[2]) + timedelta(hours=1))
    said, is_open = integrity(running)
    assert said.startswith(
        f"GAP 1, STALE 1: BBB lacks {running.days[2]}; BBB {running.days[2]} is due"
    )
    assert (is_open, running.status) == (False, "HALTED")
    assert "INTEGRITY" in running.halt_reason


@pytest.mark.parametrize(
    ("early", "is_open"), [(timedelta(microseconds=1), True), (timedelta(0), False)]
)
def test_a_bar_is_late_at_its_threshold_and_not_before(
    running: Desk, early: timedelta, is_open: bool
) -> None:
    running.clock.move_to(close_of(running.days[2]) + timedelta(hours=1) - early)
    assert integrity(running)[1] is is_open


def test_a_weekend_is_no_gap(running: Desk) -> None:
    assert (running.days[3].weekday(), running.days[4].weekday()) == (4, 0)
    for index in (2, 3, 4):
        running.close(index, ticks=("marketdata",), AAA=100, BBB=50)
    running.clock.move_to(running.now + timedelta(hours=2))
    assert integrity(running) == ("complete", True)


def test_a_hole_older_than_the_gap_window_is_forgiven(desk: Desk) -> None:
    for index in (0, 2, 3):  # the window is two sessions
        desk.close(index, ticks=("marketdata",), AAA=100, BBB=50)
        desk.clock.move_to(desk.now + timedelta(hours=2))
    assert integrity(desk)[1] is True


def test_the_end_of_the_calendar_shuts_the_gate(running: Desk) -> None:
    running.sql("set session_replication_role = replica")
    running.sql("update md.policies set gap_window_bars = 1, stale_after_ms = 86400000")
    running.sql("set session_replication_role = origin")
    running.add_bars(running.days[-2], AAA=100, BBB=50)  # no bar is missing
    running.clock.move_to(close_of(running.days[-1]))
    running.tick("marketdata")
    said = "CALENDAR_ENDED 1: the session calendar of XTST has ended"
    assert integrity(running) == (said, False)
    assert running.status == "HALTED"


def test_a_strategy_does_not_decide_on_an_incomplete_session(running: Desk) -> None:
    running.close(2, ticks=("marketdata", "strategist"), AAA=110)
    assert running.one("select count(*) from strat.decisions") == 0
    running.add_bars(running.days[2], BBB=50)
    running.tick("marketdata", "strategist")
    assert running.one("select count(*) from strat.decisions") == 1


def decide(url: str, prices: list[int]) -> list[tuple[Any, ...]]:
    """Trade these closes of AAA; give what was shown and wanted on the first three bars."""
    desk = Desk(url)
    desk.start()
    for index, price in enumerate(prices, 2):
        desk.close(index, AAA=price, BBB=50)
        desk.tick("marketdata", "broker_events", "snapshots", "strategist", "gateway")
    rows = desk.sql(
        "select bar_end_at, context_sha256, symbol, target_qty from strat.decisions"
        " join strat.targets using (run_id, strategy_id, bar_end_at)"
        " order by bar_end_at, symbol limit 6"
    )
    desk.conn.close()
    return [tuple(row.values()) for row in rows]


def test_another_future_gives_the_same_decisions(db: Any) -> None:
    with SERVER.clone() as other:
        one = decide(db.url, [110, 120, 90, 300, 400])
        two = decide(other.url, [110, 120, 90, 3, 2])
    assert one == two
    assert len(one) == 6
    assert any(target for *_, target in one)


def test_no_bar_that_closes_later_is_shown(running: Desk) -> None:
    running.close(2, ticks=("marketdata",), AAA=110, BBB=50)
    running.close(3, ticks=("marketdata",), AAA=999, BBB=999)
    before = close_of(running.days[3]) - timedelta(microseconds=1)
    shown = running.call("io.get_strategy_context", run_id=running.run_id, now_at=before)
    assert "999" not in str(shown)
    assert "110000000" in str(shown)
