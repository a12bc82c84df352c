"""Laws of the paper broker: a broker with books of its own, that gives nothing away."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from kit import CONFIG, Desk
from mqk.brokers import Refused, Unsure
from mqk.brokers.paper import PaperBroker
from mqk.errors import MqkError
from mqk.workers.wires import paper_terms

BAR = {
    "symbol": "AAA",
    "bar_end_at": "2024-01-04T21:00:00Z",
    "volume": 1_000_000,
    **dict.fromkeys(("open_micros", "high_micros", "low_micros", "close_micros"), 100_000_000),
}


def permit(name: str = "n1", qty: int = 10, limit: int | None = None) -> dict[str, Any]:
    """What a gateway would send."""
    kind = "MARKET" if limit is None else "LIMIT"
    return {"client_order_id": name, "symbol": "AAA", "order_qty": qty, "order_type": kind,
            "limit_price_micros": limit, "stop_price_micros": None,
            "time_in_force": "DAY"}  # fmt: skip


def costly(db: Any, **execution: Any) -> Desk:
    """A running desk with these costs."""
    desk = Desk(db.url, execution={**CONFIG["execution"], **execution})
    desk.start()
    return desk


def play(desk: Desk, volume: int = 1_000_000, **ohlc: Any) -> list[dict[str, Any]]:
    """Show the next session's AAA bar to the market; give the messages after the acks."""
    desk.clock.move_to(desk.now.replace(hour=21) if desk.now.hour < 21 else desk.now)
    prices = {f"{name}_micros": value for name, value in ohlc.items()}
    desk.broker.observe([BAR | {"volume": volume} | prices])
    return [m for m in desk.broker.events(None)[0] if m["event"] != "new"]


def test_an_order_is_acknowledged_and_fills_at_the_next_open(running: Desk) -> None:
    running.broker.submit(permit())
    assert [m["event"] for m in running.broker.events(None)[0]] == ["new"]
    fills = play(running, open=101_000_000, high=102_000_000)
    assert [(m["event"], m["qty"], m["price"], m["cum_qty"]) for m in fills] == [
        ("fill", "10", "101.000000", "10")
    ]


def test_the_same_name_twice_is_refused(running: Desk) -> None:
    running.broker.submit(permit())
    with pytest.raises(Refused, match="must be unique"):
        running.broker.submit(permit(qty=20))
    assert len(running.broker.orders()) == 1


@pytest.mark.parametrize(("qty", "passes"), [(1000, True), (1001, False), (-5000, True)])
def test_a_purchase_beyond_the_cash_is_refused(running: Desk, qty: int, passes: bool) -> None:
    if passes:
        assert running.broker.submit(permit(qty=qty))
    else:
        with pytest.raises(Refused, match="insufficient buying power"):
            running.broker.submit(permit(qty=qty))


def test_an_unknown_asset_is_refused(running: Desk) -> None:
    with pytest.raises(Refused, match="not tradable"):
        running.broker.submit({**permit(), "symbol": "ZZZ"})


def test_an_answer_that_never_came_is_a_doubt_and_not_a_refusal(running: Desk, db: Any) -> None:
    lost = PaperBroker(db.connect(), running.broker.account_id, running.clock)
    lost.conn.close()
    with pytest.raises(Unsure):
        lost.submit(permit())


@pytest.mark.parametrize(("qty", "price"), [(10, "105.000000"), (-10, "95.000000")])
def test_worst_case_buys_at_the_high_and_sells_at_the_low(db: Any, qty: int, price: str) -> None:
    desk = costly(db, fill_profile="worst_case")
    desk.broker.submit(permit(qty=qty))
    assert [m["price"] for m in play(desk, high=105_000_000, low=95_000_000)] == [price]


@pytest.mark.parametrize(("qty", "price"), [(10, "100.100000"), (-10, "99.900000")])
def test_slippage_and_fees_always_cost(db: Any, qty: int, price: str) -> None:
    desk = costly(db, slippage_bps=10, max_slippage_bps=10, fee_per_share_micros=5000)
    desk.broker.submit(permit(qty=qty))
    assert [(m["price"], m["fee"]) for m in play(desk)] == [(price, "0.050000")]


def test_an_order_against_a_resting_one_is_refused(running: Desk) -> None:
    running.broker.submit(permit())
    with pytest.raises(Refused, match="wash trade"):
        running.broker.submit(permit("n2", -10))


@pytest.mark.parametrize(("qty", "refused"), [(-4, False), (-5, True)])
def test_shares_that_a_resting_order_holds_cannot_be_sold_again(
    running: Desk, qty: int, refused: bool
) -> None:
    running.broker.submit(permit())
    play(running)
    stop = {"order_type": "STOP", "stop_price_micros": 90_000_000, "time_in_force": "GTC"}
    running.broker.submit({**permit("stop", -6), **stop})
    try:
        running.broker.submit(permit("exit", qty))
    except Refused as no:
        assert refused and "insufficient qty" in str(no)
    else:
        assert not refused


@pytest.mark.parametrize(
    ("qty", "limit", "low", "high", "filled"),
    [
        (10, 99_000_000, 99_000_000, 101_000_000, False),  # touched is not traded through
        (10, 99_000_000, 98_999_999, 101_000_000, True),
        (-10, 101_000_000, 99_000_000, 101_000_000, False),
        (-10, 101_000_000, 99_000_000, 101_000_001, True),
    ],
)
def test_a_limit_fills_only_when_the_bar_trades_through_it(
    running: Desk, qty: int, limit: int, low: int, high: int, filled: bool
) -> None:
    running.broker.submit(permit(qty=qty, limit=limit))
    (message,) = play(running, low=low, high=high)
    assert message["event"] == ("fill" if filled else "expired")
    if filled:
        assert message["price"] == f"{limit // 1_000_000}.000000"


def test_a_thin_bar_fills_in_part_and_the_rest_expires(running: Desk) -> None:
    running.broker.submit(permit(qty=10))
    messages = play(running, volume=4)
    assert [(m["event"], m.get("qty")) for m in messages] == [
        ("partial_fill", "4"),
        ("expired", None),
    ]


def test_a_large_fill_comes_as_two_executions(db: Any) -> None:
    desk = costly(db, split_above_qty=5)
    desk.broker.submit(permit(qty=11))
    messages = play(desk)
    assert [(m["event"], m["qty"], m["cum_qty"]) for m in messages] == [
        ("partial_fill", "5", "5"),
        ("fill", "6", "11"),
    ]
    assert len({m["execution_id"] for m in messages}) == 2


def test_a_gap_beyond_the_cash_rejects_at_the_fill(running: Desk) -> None:
    running.broker.submit(permit(qty=1000))
    (message,) = play(running, open=101_000_000, high=101_000_000)
    assert message["event"] == "rejected"
    assert running.broker.positions() == []


def test_a_working_order_can_be_canceled_once(running: Desk) -> None:
    order = running.broker.submit(permit())
    running.broker.cancel(order)
    assert running.broker.orders()[0]["status"] == "canceled"
    with pytest.raises(Refused):
        running.broker.cancel(order)
    assert [m["event"] for m in play(running)] == ["canceled"]


def test_a_working_order_can_be_replaced_on_its_side(running: Desk) -> None:
    order = running.broker.submit(permit())
    wish = {"broker_order_id": order, "order_qty": 20, "limit_price_micros": None,
            "stop_price_micros": None}  # fmt: skip
    running.broker.replace(wish)
    assert running.broker.orders()[0]["qty"] == "20"
    for qty in (0, -20):
        with pytest.raises(Refused):
            running.broker.replace({**wish, "order_qty": qty})


def test_a_bar_shown_twice_trades_once(running: Desk) -> None:
    running.broker.submit(permit())
    assert len(play(running)) == 1
    running.broker.submit(permit("n2"))
    assert len(play(running)) == 1


def test_an_order_given_after_the_close_waits_for_the_next_bar(running: Desk) -> None:
    running.close(2)
    running.broker.submit(permit())
    assert play(running) == []


def test_its_cursor_gives_every_message_once_and_again_when_asked_again(running: Desk) -> None:
    for n in range(3):
        running.broker.submit(permit(f"n{n}"))
    first, cursor = running.broker.events(None)
    assert [m["client_order_id"] for m in first] == ["n0", "n1", "n2"]
    assert running.broker.events(cursor) == ([], cursor)
    assert running.broker.events("1")[0] == first[1:]


def test_an_account_keeps_its_terms(running: Desk) -> None:
    terms = {"opening_cash": "0.000001"}
    with pytest.raises(MqkError):
        running.broker.open(terms)
    assert running.broker.account()["cash"] == "100000.000000"


def test_an_unknown_account_is_an_error(running: Desk) -> None:
    running.broker.account_id = "NOBODY"
    with pytest.raises(MqkError, match="MQN07"):
        running.broker.snapshot()
    with pytest.raises(Refused):
        running.broker.submit(permit())


def test_what_it_told_is_not_rewritten(running: Desk) -> None:
    running.broker.submit(permit())
    with pytest.raises(psycopg.Error, match="history is not rewritten"):
        running.sql("update sim.events set event_kind = 'fill'")


def test_each_account_sees_the_market_at_its_own_pace(running: Desk) -> None:
    slow = PaperBroker(running.conn, "PAPER-SLOW-0001", running.clock)
    slow.open(paper_terms(running.run["config"]))
    with pytest.raises(Refused, match="not tradable"):
        slow.submit(permit())  # its market has not opened yet
    running.broker.submit(permit())
    play(running)
    assert [m["event"] for m in running.broker.events(None)[0]] == ["new", "fill"]
    slow.observe([BAR | {"bar_end_at": "2024-01-03T21:00:00Z"}])
    slow.submit(permit())  # the same name in another account is another order
    assert [m["event"] for m in slow.events(None)[0]] == ["new"]
    slow.observe([BAR])
    assert [m["event"] for m in slow.events(None)[0]] == ["new", "fill"]


def test_a_market_that_nobody_opened_an_account_at_trades_nothing(desk: Desk) -> None:
    nobody = PaperBroker(desk.conn, "PAPER-NONE-0001", desk.clock)
    nobody.observe([{"symbol": "AAA", "bar_end_at": "2024-01-04T21:00:00Z"}])
    assert desk.one("select count(*) from sim.quotes where account_id = 'PAPER-NONE-0001'") == 0
