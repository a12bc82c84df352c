"""Laws of reference data, through the doors: what a desk does when an exchange or a name changes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from kit import GIVEN, Desk, bar, close_of
from mqk.errors import MqkError


def load(desk: Desk, symbol: str, **facts: Any) -> int:
    """Load what a symbol stands for; give how many facts were new."""
    row = {"symbol": symbol, "exchange_id": "XTST", "instrument_kind": "EQUITY", "name": symbol}
    days = {key: str(value) for key, value in facts.items()}
    return int(desk.value("api.md_load_instruments", rows=[{**row, **days}], now_at=desk.now))


def amend(desk: Desk, day: date, opens: str | None = None, closes: str | None = None) -> Any:
    """Amend a session of the exchange; the rows that say so."""
    return desk.call(
        "api.md_amend_session", exchange_id="XTST", session_on=day, opens=opens, closes=closes,
        reason="told on the wire", now_at=desk.now,
    )  # fmt: skip


def findings(desk: Desk, *rows: dict[str, Any]) -> list[str]:
    """Ingest rows; what was found."""
    report = desk.ingest([{**row, "line_no": n} for n, row in enumerate(rows, 2)])
    return [r["finding"] for r in desk.call("api.md_findings", ingest_id=report["ingest_id"])]


def integrity(desk: Desk) -> str:
    """What the marketdata worker found last."""
    history = "select reason from run.gate_history where gate = 'INTEGRITY'"
    return str(desk.one(history + " order by gate_seq desc limit 1"))


def test_a_day_on_which_the_exchange_stays_closed_is_no_hole(running: Desk) -> None:
    """Days 2 and 3 have no bars: one was called off the evening before, and the run goes on."""
    amend(running, running.days[2])
    running.clock.move_to(close_of(running.days[2]) + timedelta(hours=2))
    running.tick()
    assert (running.status, integrity(running)) == ("RUNNING", "bars are complete")
    running.close(3, AAA=100, BBB=50)
    assert running.status == "RUNNING"


def test_the_same_day_without_the_amendment_halts(running: Desk) -> None:
    running.clock.move_to(close_of(running.days[2]) + timedelta(hours=2))
    running.tick("marketdata")
    assert running.status == "HALTED"


def test_a_bar_of_a_session_that_was_called_off_is_refused(running: Desk) -> None:
    amend(running, running.days[2])
    running.clock.move_to(close_of(running.days[2]) + timedelta(minutes=5))
    assert findings(running, bar("AAA", running.days[2], 100)) == ["NOT_A_SESSION"]


def test_an_order_lives_until_the_close_that_is_now(given_desk: Desk) -> None:
    amend(given_desk, given_desk.days[3], "14:30", "18:00")
    given_desk.plan(2, AAA=5)
    expires = given_desk.one("select max(expires_at) from oms.outbox")
    assert expires == close_of(given_desk.days[3]) - timedelta(hours=3)


def test_what_has_a_bar_has_taken_place_whatever_the_callers_clock_says(desk: Desk) -> None:
    desk.clock.move_to(close_of(desk.days[1]) + timedelta(minutes=5))
    desk.ingest([bar("AAA", desk.days[1], 100)])
    late = desk.now
    for when, code in ((late, "MQS20"), (late - timedelta(days=3), "MQS20")):
        with pytest.raises(MqkError) as no:
            desk.call("api.md_amend_session", exchange_id="XTST", session_on=desk.days[1],
                      opens=None, closes=None, reason="forged", now_at=when)  # fmt: skip
        assert no.value.code == code
    assert desk.one("select count(*) from ref.amendments") == 0


def test_an_amendment_is_told_once_and_the_second_time_changes_nothing(desk: Desk) -> None:
    assert [row["closes_at"] for row in amend(desk, desk.days[5])] == [None]
    assert amend(desk, desk.days[5]) == []
    events = "select count(*) from audit.events where event_name = 'SESSION_AMENDED'"
    assert desk.one(events) == 1


def test_a_bar_outside_of_the_listing_is_refused_and_no_hole(desk: Desk) -> None:
    """Both sides of the first and of the last day."""
    days = desk.days
    load(desk, "NEW", listed_on=days[1], delisted_on=days[3])
    desk.clock.move_to(close_of(days[4]) + timedelta(minutes=5))
    assert findings(desk, *(bar("NEW", day, 100) for day in days[:5])) == ["NOT_LISTED"] * 3
    stored = desk.sql("select session_on from md.bars where symbol = 'NEW' order by 1")
    assert [row["session_on"] for row in stored] == days[1:3]
    gaps = desk.call("md.list_gaps", symbol="NEW", timeframe="1D", from_on=days[0], now_at=desk.now)
    assert gaps == []


def test_a_name_does_not_end_before_its_last_bar(desk: Desk) -> None:
    desk.clock.move_to(close_of(desk.days[1]) + timedelta(minutes=5))
    desk.ingest([bar("AAA", day, 100) for day in desk.days[:2]])
    with pytest.raises(MqkError, match="MQA10") as no:
        load(desk, "AAA", delisted_on=desk.days[1])
    assert no.value.detail == f"AAA has a bar of {desk.days[1]}"
    assert load(desk, "AAA", delisted_on=desk.days[2]) == 1


def test_a_delisted_name_is_no_hole_and_is_not_bought(given_desk: Desk) -> None:
    load(given_desk, "BBB", delisted_on=given_desk.days[3])
    given_desk.plan(2, AAA=5, BBB=5)
    rows = given_desk.call("api.risk_decisions", run_id=given_desk.run_id, limit=9)
    assert {row["symbol"]: row["rule"] for row in rows} == {"AAA": "NONE", "BBB": "NOT_LISTED"}
    given_desk.close(3, ticks=("marketdata",), AAA=100)
    given_desk.clock.move_to(close_of(given_desk.days[3]) + timedelta(hours=2))
    given_desk.tick("marketdata")
    assert integrity(given_desk) == "bars are complete"


def test_a_window_does_not_reach_into_the_company_that_had_the_name_before(desk: Desk) -> None:
    """AAA has its two bars, but the first is another company's: preflight does not pass."""
    days = desk.days
    load(desk, "AAA", delisted_on=days[1])
    load(desk, "AAA", listed_on=days[2], name="Another company")
    desk.clock.move_to(close_of(days[2]) + timedelta(minutes=5))
    desk.ingest([bar(symbol, days[n], 100) for symbol in ("AAA", "BBB") for n in (0, 2)])
    desk.ingest([bar("BBB", days[1], 100)])

    def window() -> tuple[bool, str]:
        checks = desk.call("api.run_preflight", run_id=desk.run_id, now_at=desk.now)
        return next(
            (c["is_ok"], c["detail"]) for c in checks if c["check_name"] == "bars_are_there"
        )

    assert window() == (False, "AAA")
    desk.clock.move_to(close_of(days[3]) + timedelta(minutes=5))
    desk.ingest([bar(symbol, days[3], 100) for symbol in ("AAA", "BBB")])
    assert window() == (True, "every symbol has its window")


@pytest.mark.parametrize(("symbol", "code"), [("AAA", "MQN20"), ("ZZZ", "MQN20"), ("IDX", None)])
def test_a_benchmark_is_a_listed_index_or_fund(desk: Desk, symbol: str, code: str | None) -> None:
    from mqk.config.load import canonical, merge

    own = {"data": {"benchmark_symbol": symbol}, "broker": {"account_id": "PAPER-TEST-0002"}}
    row = desk.act("run_create", config=canonical(merge(desk.config, own)), as_of_at=desk.now)
    assert row["error_code"] == code


def test_exposure_is_shown_by_the_sectors_of_the_day(db: Any) -> None:
    desk = Desk(db.url, strategy=GIVEN)
    desk.start()
    rows = [
        {"symbol": "AAA", "scheme": "SECTOR", "code": "Technology"},
        {"symbol": "AAA", "scheme": "SECTOR", "code": "Energy", "effective_on": str(desk.days[3])},
    ]
    assert desk.value("api.md_load_classifications", rows=rows, now_at=desk.now) == 2
    desk.plan(2, AAA=10, BBB=20)
    desk.tick()
    desk.close(3, AAA=100, BBB=50)
    shown = desk.call("api.position_exposure", run_id=desk.run_id, scheme="SECTOR", now_at=desk.now)
    assert [(r["class"], r["symbols"], r["net_micros"], r["equity_bps"]) for r in shown] == [
        ("Energy", "AAA", 1_000_000_000, 100),
        ("UNCLASSIFIED", "BBB", 1_000_000_000, 100),
    ]
    assert desk.broken_promises() == []
    desk.conn.close()


def test_a_fill_belongs_to_the_session_that_it_was_made_in(db: Any) -> None:
    """After the close it is of the next one, although its date in UTC is the same."""
    desk = Desk(db.url, strategy=GIVEN)
    desk.start()
    desk.plan(2, AAA=10)
    desk.tick()
    name = desk.one("select client_order_id from oms.orders")
    desk.clock.move_to(close_of(desk.days[2]) + timedelta(hours=1))
    fill = {"execution_id": "x1", "qty": 10, "price": "100.00", "cum_qty": 10, "fee": "0"}
    assert desk.receive(desk.event(name, "fill", **fill)) == ["APPLIED"]
    report = desk.value("api.report_show", run_id=desk.run_id, now_at=desk.now)
    assert [f["session_on"] for f in report["fills"]] == [desk.days[3].isoformat()]
    desk.conn.close()
