"""Laws of risk: both sides of each limit, through the real path."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from kit import DOLLAR, GIVEN, Desk

HOLD = {"max_position_per_symbol": 1, "max_order_notional": 1}


def open_desk(db: Any, **risk: Any) -> Desk:
    """A running desk with these risk rules."""
    desk = Desk(db.url, strategy=GIVEN, risk={**HOLD, **risk})
    desk.start()
    return desk


def own(desk: Desk, qty: int) -> None:
    """Buy AAA at 100 at the open of session 3."""
    desk.plan(2, AAA=qty)
    desk.tick("gateway")
    desk.close(3, ticks=("marketdata", "broker_events"), AAA=100, BBB=50)
    assert desk.value("ledger.get_position_qty", run_id=desk.run_id, symbol="AAA") == qty


@pytest.mark.parametrize(("close", "status"), [("95.01", "RUNNING"), ("95", "HALTED")])
def test_a_daily_loss_halts_at_its_limit_without_any_signal(
    db: Any, close: str, status: str
) -> None:
    desk = open_desk(db, daily_loss_limit=0.02)  # 2000 of 100000; 400 shares fall 5 dollars
    own(desk, 400)
    desk.close(4, ticks=("marketdata",), AAA=close, BBB=50)
    assert desk.status == status
    if status == "HALTED":
        assert "DAILY_LOSS_LIMIT" in desk.halt_reason
    assert desk.broken_promises() == []


def test_a_daily_loss_is_measured_from_the_days_start(db: Any) -> None:
    desk = open_desk(db, daily_loss_limit=0.02)
    own(desk, 400)
    for index, close in ((4, "96"), (5, "92"), (6, "88")):  # 1600 a day, 4800 in all
        desk.close(index, ticks=("marketdata",), AAA=close, BBB=50)
    assert desk.status == "RUNNING"


@pytest.mark.parametrize(("close", "status"), [("90.01", "RUNNING"), ("90", "HALTED")])
def test_a_drawdown_halts_at_its_limit_measured_from_the_peak(
    db: Any, close: str, status: str
) -> None:
    desk = open_desk(db, max_drawdown=0.05, daily_loss_limit=0.5)
    own(desk, 500)
    desk.close(4, ticks=("marketdata",), AAA=100, BBB=50)
    desk.close(5, ticks=("marketdata",), AAA=close, BBB=50)
    assert desk.status == status
    if status == "HALTED":
        assert "MAX_DRAWDOWN" in desk.halt_reason


def test_the_peak_is_the_highest_equity_not_the_opening_one(db: Any) -> None:
    desk = open_desk(db, max_drawdown=0.05, daily_loss_limit=0.5)
    own(desk, 500)
    desk.close(4, ticks=("marketdata",), AAA=110, BBB=50)
    desk.close(5, ticks=("marketdata",), AAA=100, BBB=50)
    assert "MAX_DRAWDOWN" in desk.halt_reason


def test_a_loss_is_found_inside_the_transaction_that_books_the_fill(db: Any) -> None:
    desk = open_desk(db, daily_loss_limit=0.02)
    name = str(desk.plan(2, AAA=100)[0]["client_order_id"])
    desk.tick("gateway")
    message = desk.event(name, "fill", qty=100, cum_qty=100, price="120", fee="0", execution_id="x")
    desk.receive(message)  # bought at 120 what is marked at 100: 2000 lost
    assert "DAILY_LOSS_LIMIT" in desk.halt_reason


def reject(desk: Desk, count: int) -> None:
    """Let the paper broker refuse as many orders, one a session: it knows no price."""
    for n in range(count):
        desk.plan(2 + n, AAA=10)
        desk.sql("delete from sim.quotes")
        desk.tick("gateway")
    assert desk.one("select count(*) from risk.rejects") == count
    desk.call("io.evaluate_risk", run_id=desk.run_id, now_at=desk.now)


@pytest.mark.parametrize(("rejects", "status"), [(2, "RUNNING"), (3, "HALTED")])
def test_a_storm_of_rejects_halts(db: Any, rejects: int, status: str) -> None:
    desk = open_desk(db, reject_storm={"max_rejects": 3, "window_seconds": 864000})
    reject(desk, rejects)
    assert desk.status == status
    if status == "HALTED":
        assert "REJECT_STORM" in desk.halt_reason


def test_rejects_outside_the_window_are_forgotten(db: Any) -> None:
    desk = open_desk(db, reject_storm={"max_rejects": 2, "window_seconds": 60})
    reject(desk, 3)
    assert desk.status == "RUNNING"


@pytest.mark.parametrize(
    ("risk", "targets", "rule"),
    [
        ({"max_order_qty": 10}, {"AAA": 10}, "NONE"),
        ({"max_order_qty": 10}, {"AAA": 11}, "MAX_ORDER_QTY"),
        ({"max_order_notional": 0.01}, {"AAA": 10}, "NONE"),
        ({"max_order_notional": 0.01}, {"AAA": 11}, "MAX_ORDER_NOTIONAL"),
        ({"max_position_per_symbol": 0.01}, {"AAA": 10}, "NONE"),
        ({"max_position_per_symbol": 0.01}, {"AAA": 11}, "MAX_POSITION"),
        ({"max_gross_exposure": 0.01}, {"AAA": 10}, "NONE"),
        ({"max_gross_exposure": 0.01}, {"AAA": 11}, "MAX_GROSS_EXPOSURE"),
        ({"allow_short": False}, {"AAA": -1}, "SHORT_NOT_ALLOWED"),
        ({"allow_short": True}, {"AAA": -1}, "NONE"),
    ],
)
def test_an_order_is_allowed_up_to_its_limit_and_denied_beyond(
    db: Any, risk: dict[str, Any], targets: dict[str, int], rule: str
) -> None:
    desk = open_desk(db, **risk)
    row = desk.plan(2, **targets)[0]
    assert (row["verdict"], row["rule"]) == ("ALLOW" if rule == "NONE" else "DENY", rule)
    assert (row["client_order_id"] is None) == (rule != "NONE")
    assert desk.one("select count(*) from oms.outbox") == (1 if rule == "NONE" else 0)
    assert desk.broken_promises() == []


def test_gross_exposure_counts_other_symbols_and_open_orders(db: Any) -> None:
    desk = open_desk(db, max_gross_exposure=0.02)
    rows = desk.plan(2, AAA=10, BBB=21)  # 1000 + 1050 of 2000
    assert [(r["symbol"], r["rule"]) for r in rows] == [
        ("AAA", "NONE"),
        ("BBB", "MAX_GROSS_EXPOSURE"),
    ]


def test_an_order_that_only_reduces_is_never_blocked(db: Any) -> None:
    desk = open_desk(db, max_order_qty=400)
    own(desk, 400)
    desk.close(4, ticks=("marketdata", "snapshots"), AAA=300, BBB=50)  # far above every limit
    lease = desk.lease("strategist")
    rows = desk.call("io.plan_intents", **lease, targets={"AAA": 0}, now_at=desk.now)
    assert [(r["order_qty"], r["verdict"]) for r in rows] == [(-400, "ALLOW")]


def test_a_flip_only_closes_first(db: Any) -> None:
    desk = open_desk(db, allow_short=True)
    own(desk, 10)
    assert [r["order_qty"] for r in desk.plan(4, AAA=-10)] == [-10]


def test_a_verdict_cannot_be_changed_afterwards(db: Any) -> None:
    desk = open_desk(db, max_order_qty=10)
    desk.plan(2, AAA=11)
    with pytest.raises(psycopg.Error, match="history is not rewritten"):
        desk.sql("update risk.decisions set verdict = 'ALLOW', rule = 'NONE'")


def test_exhausted_equity_halts_whatever_the_limits(db: Any) -> None:
    desk = open_desk(db, max_drawdown=1, daily_loss_limit=1, allow_short=True)
    own(desk, -1000)
    desk.close(4, ticks=("marketdata",), AAA="200.01", BBB=50)
    assert "EQUITY_EXHAUSTED" in desk.halt_reason


def test_limits_live_in_the_config_that_the_run_is_bound_to(db: Any) -> None:
    desk = open_desk(db, daily_loss_limit=0.02)
    assert desk.one("select daily_loss_limit_micros from risk.limits") == 2000 * DOLLAR
    for key in ("max_drawdown", "daily_loss_limit", "max_order_qty"):
        with pytest.raises(AssertionError, match=rf"MQA07.*risk\.{key}"):
            Desk(db.url, risk={key: 0})
