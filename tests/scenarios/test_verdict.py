"""Laws of the verdict: each rule on both sides of its boundary, from facts that really came about."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from kit import DOLLAR, GIVEN, Desk, close_of
from mqk.errors import MqkError

MOMENT = timedelta(microseconds=1)
FREE = {"max_position_per_symbol": 10, "max_order_notional": 10, "max_gross_exposure": 10,
        "max_net_exposure": 10, "max_leverage": 10, "halt_leverage": 20, "max_concentration": 10,
        "price_collar_bps": 10000, "allow_short": True}  # fmt: skip


def open_desk(db: Any, cash: int = 100000, **risk: Any) -> Desk:
    """A running desk on which only the named rules bite."""
    desk = Desk(db.url, strategy=GIVEN, broker={"initial_cash": cash}, risk={**FREE, **risk})
    desk.start()
    return desk


def decide(desk: Desk, **targets: int) -> dict[str, str]:
    """The strategy's decision on the last bar: rule by symbol."""
    lease = desk.lease("strategist")
    rows = desk.call("io.plan_intents", **lease, targets=targets, now_at=desk.now)
    return {row["symbol"]: row["rule"] for row in rows}


def trade(desk: Desk, index: int, price: Any = 100, **targets: int) -> dict[str, str]:
    """Session `index` closes, the strategy decides, what is allowed is sent."""
    desk.close(index, ticks=("marketdata", "broker_events", "snapshots"), AAA=price, BBB=50)
    rules = decide(desk, **targets)
    desk.tick("gateway")
    return rules


@pytest.mark.parametrize(
    ("risk", "targets", "rule"),
    [
        ({"max_net_exposure": 0.02}, {"AAA": 20}, "NONE"),
        ({"max_net_exposure": 0.02}, {"AAA": 21}, "MAX_NET_EXPOSURE"),
        ({"max_net_exposure": 0.02}, {"AAA": -21}, "MAX_NET_EXPOSURE"),
        ({"max_leverage": 1}, {"AAA": 1000}, "NONE"),
        ({"max_leverage": 1}, {"AAA": 1001}, "MAX_LEVERAGE"),
        ({"max_concentration": 0.1}, {"AAA": 100}, "NONE"),
        ({"max_concentration": 0.1}, {"AAA": 101}, "MAX_CONCENTRATION"),
        ({"allowed_session": "CLOSED"}, {"AAA": 1}, "NONE"),
        ({"allowed_session": "OPEN"}, {"AAA": 1}, "SESSION_NOT_ALLOWED"),
    ],
)
def test_new_risk_is_allowed_up_to_its_limit_and_denied_beyond(
    db: Any, risk: dict[str, Any], targets: dict[str, int], rule: str
) -> None:
    desk = open_desk(db, **risk)
    assert trade(desk, 2, **targets) == {"AAA": rule}
    assert desk.one("select count(*) from sim.orders") == (1 if rule == "NONE" else 0)
    assert desk.broken_promises() == []


@pytest.mark.parametrize(("shares", "rule"), [(10, "NONE"), (11, "MAX_NET_EXPOSURE")])
def test_what_is_bought_is_not_paid_with_a_sale_that_has_not_happened(
    db: Any, shares: int, rule: str
) -> None:
    desk = open_desk(db, max_net_exposure=0.02)
    trade(desk, 2, AAA=15)
    desk.close(3, ticks=("marketdata", "broker_events", "snapshots"), AAA=100, BBB=50)
    assert decide(desk, AAA=5, BBB=shares) == {"AAA": "NONE", "BBB": rule}  # 1500 + 500 of 2000


@pytest.mark.parametrize(("price", "rule"), [(110, "NONE"), ("110.01", "PRICE_COLLAR")])
def test_a_close_that_jumps_beyond_the_collar_opens_nothing(db: Any, price: Any, rule: str) -> None:
    desk = open_desk(db, price_collar_bps=1000)
    assert trade(desk, 2, price, AAA=1) == {"AAA": rule}


@pytest.mark.parametrize(("late", "rule"), [(59, "NONE"), (60, "STALE_PRICE")])
def test_a_mark_that_is_no_longer_of_the_last_session_opens_nothing(
    db: Any, late: int, rule: str
) -> None:
    strategy = {**GIVEN, "protective_stop_bps": 5000}
    desk = Desk(db.url, strategy=strategy, risk=FREE)  # a bar may be an hour late
    desk.start()
    trade(desk, 2, AAA=10)
    desk.close(3, ticks=("marketdata", "broker_events", "snapshots"), AAA=100, BBB=50)
    lease = desk.lease("strategist")
    desk.call("io.plan_stops", **lease, now_at=desk.now)
    desk.tick("gateway", "broker_events")
    trade(desk, 4, AAA=20)  # waits for the stop to make way
    desk.tick("broker_events")
    desk.clock.move_to(close_of(desk.days[5]) + timedelta(minutes=late))
    desk.call("io.plan_stops", **lease, now_at=desk.now)
    last = "select rule from risk.decisions order by decided_at desc limit 1"
    assert desk.one(last) == rule


@pytest.mark.parametrize(("orders", "rule"), [(2, "NONE"), (1, "ORDER_RATE")])
def test_orders_are_counted_in_their_window(db: Any, orders: int, rule: str) -> None:
    desk = open_desk(db, order_rate={"max_orders": orders, "window_seconds": 60})
    assert trade(desk, 2, AAA=1, BBB=1) == {"AAA": "NONE", "BBB": rule}
    desk.close(3, ticks=("marketdata", "broker_events", "snapshots"), AAA=100, BBB=50)
    assert decide(desk, AAA=2, BBB=1)["AAA"] == "NONE"  # a day later the window is empty


@pytest.mark.parametrize(("messages", "rule"), [(2, "NONE"), (1, "MESSAGE_RATE")])
def test_requests_to_the_broker_are_counted_cancels_too(db: Any, messages: int, rule: str) -> None:
    desk = open_desk(db, message_rate={"max_messages": messages, "window_seconds": 345600})
    trade(desk, 2, AAA=1)
    desk.tick("broker_events")
    desk.clock.move_to(desk.now + timedelta(seconds=1))
    if messages == 1:
        return assert_denied_after_a_cancel(desk)
    desk.close(3, ticks=("marketdata", "broker_events", "snapshots"), AAA=100, BBB=50)
    assert decide(desk, AAA=2) == {"AAA": rule}
    return None


def assert_denied_after_a_cancel(desk: Desk) -> None:
    """One submit is the limit: with its cancel, the next order is one request too many."""
    name = desk.one("select client_order_id from oms.orders")
    desk.act("orders_cancel", client_order_id=name, reason="x")
    desk.tick("gateway", "broker_events")
    desk.close(3, ticks=("marketdata", "broker_events", "snapshots"), AAA=100, BBB=50)
    assert decide(desk, AAA=1) == {"AAA": "MESSAGE_RATE"}
    assert desk.one("select numbers -> 'messages' from risk.decisions where verdict = 'DENY'") == 2


def test_one_symbol_is_not_bought_again_and_again(db: Any) -> None:
    desk = open_desk(db, repeated_execution={"max_orders": 2, "window_seconds": 864000})
    rules = [trade(desk, 2 + n, AAA=1 + n)["AAA"] for n in range(3)]
    assert rules == ["NONE", "NONE", "REPEATED_EXECUTION"]
    desk.close(5, ticks=("marketdata", "broker_events", "snapshots"), AAA=100, BBB=50)
    assert decide(desk, AAA=0, BBB=1) == {
        "AAA": "NONE",
        "BBB": "NONE",
    }  # the other side, another symbol


def restrict(desk: Desk, restriction: str, *symbols: str, from_at: Any = None) -> list[bool]:
    """Put symbols on the list, at once or later; give which were new."""
    rows = desk.call("api.risk_restrict", symbols=list(symbols), restriction=restriction,
                     reason="compliance", effective_at=from_at, now_at=desk.now)  # fmt: skip
    return [row["is_new"] for row in rows]


def test_a_restricted_symbol_is_not_opened_but_may_be_closed(db: Any) -> None:
    desk = open_desk(db)
    trade(desk, 2, AAA=10)
    desk.close(3, ticks=("marketdata", "broker_events", "snapshots"), AAA=100, BBB=50)
    assert restrict(desk, "TRADE", "AAA", "ZZZ") == [True, True]
    assert restrict(desk, "TRADE", "AAA") == [False]
    listed = [
        (r["symbol"], r["restriction"]) for r in desk.call("api.risk_restrictions", now_at=desk.now)
    ]
    assert listed == [("AAA", "TRADE"), ("ZZZ", "TRADE")]
    assert decide(desk, AAA=11, BBB=1) == {"AAA": "RESTRICTED", "BBB": "NONE"}
    desk.close(4, ticks=("marketdata", "broker_events", "snapshots"), AAA=100, BBB=50)
    assert decide(desk, AAA=0, BBB=1) == {"AAA": "NONE"}
    restrict(desk, "NONE", "AAA")
    assert [r["symbol"] for r in desk.call("api.risk_restrictions", now_at=desk.now)] == ["ZZZ"]


def test_a_restriction_begins_and_ends_when_it_was_said_to(db: Any) -> None:
    """From the close of day 3 up to that of day 5; said on day 2."""
    desk = open_desk(db)
    begin, end = (close_of(desk.days[n]) + timedelta(minutes=5) for n in (3, 5))
    assert restrict(desk, "TRADE", "AAA", from_at=begin) == [True]
    assert restrict(desk, "TRADE", "AAA", from_at=begin) == [False]
    assert restrict(desk, "NONE", "AAA", from_at=end) == [True]
    planned = desk.call("api.risk_restrictions", now_at=desk.now)
    assert [(r["restriction"], r["effective_at"]) for r in planned] == [
        ("TRADE", begin),
        ("NONE", end),
    ]
    assert trade(desk, 2, AAA=1)["AAA"] == "NONE"
    for at, word in (
        (begin - MOMENT, "NONE"),
        (begin, "TRADE"),
        (end - MOMENT, "TRADE"),
        (end, "NONE"),
    ):
        assert desk.value("risk.get_restriction", symbol="AAA", now_at=at) == word
    desk.close(3, ticks=("marketdata", "broker_events", "snapshots"), AAA=100, BBB=50)
    assert decide(desk, AAA=2)["AAA"] == "RESTRICTED"


def test_a_new_word_overrides_an_end_that_was_planned_before_it(db: Any) -> None:
    desk = open_desk(db)
    later = desk.now + timedelta(days=9)
    assert restrict(desk, "TRADE", "AAA") == [True]
    assert restrict(desk, "NONE", "AAA", from_at=later) == [True]
    assert restrict(desk, "TRADE", "AAA") == [True]
    assert desk.value("risk.get_restriction", symbol="AAA", now_at=later) == "TRADE"
    assert len(desk.call("api.risk_restrictions", now_at=desk.now)) == 1


def test_a_restriction_of_the_past_is_refused_and_cannot_be_written(db: Any) -> None:
    desk = open_desk(db)
    with pytest.raises(MqkError, match="MQA02"):
        restrict(desk, "TRADE", "AAA", from_at=desk.now)
    with pytest.raises(psycopg.errors.CheckViolation, match="restrictions_are_not_of_the_past"):
        desk.sql("insert into risk.restrictions values ('AAA', 1, 'TRADE', 'x', 'y', %s, %s)",
                 desk.now, desk.now)  # fmt: skip


@pytest.mark.parametrize(
    ("price", "listed", "rule"),
    [(100, "SHORT", "SHORT_RESTRICTED"), (100, "NONE", "NONE"), ("90.01", "NONE", "NONE"),
     (90, "NONE", "SHORT_SALE_RULE")],
)  # fmt: skip
def test_nothing_is_sold_short_that_is_listed_or_has_fallen_by_a_tenth(
    db: Any, price: Any, listed: str, rule: str
) -> None:
    desk = open_desk(db)
    restrict(desk, listed, "AAA")
    assert trade(desk, 2, price, AAA=-10, BBB=1) == {"AAA": rule, "BBB": "NONE"}


@pytest.mark.parametrize(
    ("symbols", "restriction", "reason", "code"),
    [([], "TRADE", "x", "MQA05"), (["AAA", None], "TRADE", "x", "MQA05"), (None, "TRADE", "x", "MQA01"),
     (["AAA"], "ODD", "x", "MQA02"),
     (["AAA"], "TRADE", "", "MQA12")],
)  # fmt: skip
def test_a_restriction_that_is_not_clear_is_refused(
    db: Any, symbols: Any, restriction: str, reason: str, code: str
) -> None:
    desk = open_desk(db)
    with pytest.raises(MqkError) as no:
        desk.call("api.risk_restrict", symbols=symbols, restriction=restriction, reason=reason,
                  effective_at=None, now_at=desk.now)  # fmt: skip
    assert no.value.code == code


def test_a_symbol_that_is_delisted_by_the_next_session_is_not_opened(db: Any) -> None:
    desk = open_desk(db)
    for symbol, day in (("AAA", desk.days[3]), ("BBB", desk.days[4])):
        row = {"symbol": symbol, "exchange_id": "XTST", "instrument_kind": "EQUITY", "name": symbol}
        rows = [{**row, "delisted_on": day.isoformat()}]
        desk.call("api.md_load_instruments", rows=rows, now_at=desk.now)
    assert trade(desk, 2, AAA=1, BBB=1) == {"AAA": "NOT_LISTED", "BBB": "NONE"}


def test_every_verdict_is_kept_with_the_numbers_it_saw(db: Any) -> None:
    desk = open_desk(db, max_order_qty=10)
    trade(desk, 2, AAA=10)
    desk.close(3, ticks=("marketdata", "broker_events", "snapshots"), AAA=101, BBB=50)
    assert decide(desk, AAA=30) == {"AAA": "MAX_ORDER_QTY"}
    row = desk.call("api.risk_decisions", run_id=desk.run_id, limit=1)[0]["numbers"]
    assert row.pop("limits")["max_order_qty"] == 10
    assert row == {
        "instrument_kind": "EQUITY", "is_listed": True, "session_state": "CLOSED",
        "restriction": "NONE", "order_qty": 20, "held_qty": 10, "buy_qty": 0, "sell_qty": 0,
        "mark_micros": 101 * DOLLAR, "reference_micros": 100 * DOLLAR, "is_fresh": True,
        "other_gross": 0, "other_high": 0, "other_low": 0, "equity_micros": 100000 * DOLLAR,
        "orders": 0, "messages": 0, "repeats": 0, "day_trades": None, "is_flagged": False,
        "limit_micros": None, "stop_micros": None, "is_guarded": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("shares", "messages", "rule"),
    [("{}", "0", None), ("null", "0", "UNKNOWN_POSITION"), ("{}", "null", "UNKNOWN_RATE")],
)
def test_what_is_not_known_denies(db: Any, shares: str, messages: str, rule: str | None) -> None:
    desk = open_desk(db)
    given = f"nullif('{shares}', 'null')::jsonb, {messages}"
    judge = f"select risk.find_denial(l, risk.get_facts(l.run_id, 'AAA', 1, {given}, %s))"
    assert desk.one(judge + " from risk.limits as l", desk.now) == rule
