"""What others lost by their reconcile, snapshots or positions cannot be lost here; one law each."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kit import Desk
from recon_kit import BOOKS, drifts, hand_in, kinds, send, settle, submit, trade, wait


def position(desk: Desk, symbol: str = "AAA") -> int:
    """Shares of a symbol in our books."""
    return int(desk.value("ledger.get_position_qty", run_id=desk.run_id, symbol=symbol))


def test_incident_n1_a_restart_with_a_position_makes_no_fill(given_desk: Desk) -> None:
    """A warm restart that saw no history invented the opposite fill and believed itself flat."""
    desk = given_desk
    trade(desk)
    before = desk.one(BOOKS)
    desk.act("run_stop", run_id=desk.run_id, reason="restart")
    assert submit(desk) == "CLEAN"
    submit(desk, positions=[], orders=[])
    assert (desk.one(BOOKS), position(desk)) == (before, 10)


def test_incident_n2_a_position_older_than_the_brokers_history_is_clean(given_desk: Desk) -> None:
    """Positions older than the order history could not be reconciled, and nothing would start."""
    trade(given_desk)
    wait(given_desk, 30 * 86400)
    assert submit(given_desk, orders=[]) == "CLEAN"


def test_incident_n6_a_position_that_the_snapshot_lacks_is_not_flattened(given_desk: Desk) -> None:
    """Positions turned flat in the books because one answer left them out."""
    trade(given_desk)
    assert settle(given_desk, positions=[]) == "DIRTY"
    assert position(given_desk) == 10


def test_incident_n7_a_stale_snapshot_trades_nothing(given_desk: Desk) -> None:
    """An old snapshot replaced newer books, and the difference was sold short for real."""
    desk = given_desk
    old = desk.broker.snapshot()
    trade(desk)
    for captured in (old["captured_at"], (desk.now - timedelta(seconds=61)).isoformat()):
        assert hand_in(desk, {**old, "captured_at": captured})[0] == "REFUSED"
    assert (position(desk), desk.one("select count(*) from oms.orders")) == (10, 1)
    assert desk.status == "RUNNING"


def test_incident_n9_a_fill_that_the_snapshot_infers_is_not_booked(given_desk: Desk) -> None:
    """A fill inferred from a report was booked, and then the real one was booked too."""
    desk = given_desk
    send(desk)
    desk.close(3, ticks=("marketdata",), AAA=100, BBB=50)
    assert submit(desk) == "PENDING"
    assert (position(desk), "UNKNOWN_FILL" in kinds(desk)) == (0, True)
    desk.tick("broker_events")
    assert (position(desk), submit(desk)) == (10, "CLEAN")


def test_incident_n12_what_was_closed_by_hand_at_the_broker_halts(given_desk: Desk) -> None:
    """Positions closed on the broker's web page were never noticed."""
    desk = given_desk
    shown = trade(desk)
    by_hand = {
        **shown["orders"][0],
        "client_order_id": "web-7f3a",
        "side": "sell",
    }
    assert settle(desk, orders=[*shown["orders"], by_hand], positions=[], cash="100000") == "DIRTY"
    assert kinds(desk) == ["CASH", "POSITION", "UNKNOWN_ORDER"]
    assert (desk.status, position(desk)) == ("HALTED", 10)


def test_incident_l2_another_quantity_than_ours_halts_and_names_both(given_desk: Desk) -> None:
    """The broker held 159 shares, the local book another number, and trading went on."""
    trade(given_desk)
    settle(given_desk, positions=[{"symbol": "AAA", "qty": "159"}])
    told = given_desk.call("api.recon_drifts", run_id=given_desk.run_id)[0]
    assert (told["ours"], told["theirs"]) == ("10", "159")
    assert given_desk.status == "HALTED"


@pytest.mark.parametrize("filled", ["4", "10"])
def test_incident_l3_a_fill_whose_message_never_came_is_found(
    given_desk: Desk, filled: str
) -> None:
    """Fill messages were lost on a healthy stream, and the order stayed open for ever."""
    order = send(given_desk)
    status = "filled" if filled == "10" else "partially_filled"
    lost = {**order, "filled_qty": filled, "status": status}
    assert settle(given_desk, orders=[lost]) == "DIRTY"
    assert drifts(given_desk) == [("UNKNOWN_FILL", order["client_order_id"])]


def test_incident_l5_cash_is_never_overwritten_by_a_sync(given_desk: Desk) -> None:
    """A daily cash sync overwrote balances with what a broken answer said: zero."""
    desk = given_desk
    trade(desk)
    before = desk.one("select cash_micros from ledger.portfolios")
    assert settle(desk, cash="0") == "DIRTY"
    assert desk.one("select cash_micros from ledger.portfolios") == before


def test_incident_h1_an_order_of_ours_that_we_lost_is_found_by_its_name(given_desk: Desk) -> None:
    """Orders taken by the broker during an outage were forgotten and left an untracked short."""
    lost = {
        "client_order_id": "TEST_" + "ab" * 16,
        "symbol": "AAA",
        "side": "sell",
        "qty": "5",
        "filled_qty": "0",
        "status": "new",
    }
    assert settle(given_desk, orders=[lost]) == "DIRTY"
    assert drifts(given_desk) == [("UNKNOWN_ORDER", lost["client_order_id"])]
    assert given_desk.status == "HALTED"


def test_incident_f2_a_repair_moves_the_order_of_that_very_name(given_desk: Desk) -> None:
    """A recovery attached the broker's state to the wrong order."""
    desk = given_desk
    desk.plan(2, AAA=10, BBB=5)
    desk.tick("gateway", "broker_events")
    shown = desk.broker.orders()
    ended = [{**o, "status": "canceled"} if o["symbol"] == "BBB" else dict(o) for o in shown]
    settle(desk, orders=ended)
    states = desk.sql("select symbol, order_status from oms.orders order by symbol")
    assert [(s["symbol"], s["order_status"]) for s in states] == [
        ("AAA", "ACCEPTED"),
        ("BBB", "CANCELED"),
    ]


def test_incident_a1_an_empty_order_list_after_a_restart_ends_no_order(given_desk: Desk) -> None:
    """The broker's order list was empty after a restart, and the bot traded as if flat."""
    order = send(given_desk)
    assert settle(given_desk, orders=[]) == "DIRTY"
    assert drifts(given_desk) == [("MISSING_ORDER", order["client_order_id"])]
    assert given_desk.one("select order_status from oms.orders") == "ACCEPTED"
    assert given_desk.status == "HALTED"


@pytest.mark.parametrize("qty", ["5", "20", "7.5"])
def test_incident_a7_a_split_at_the_broker_halts_and_is_not_guessed(
    given_desk: Desk, qty: str
) -> None:
    """Splits, whole and fractional, were applied wrongly to positions and prices."""
    trade(given_desk)
    assert settle(given_desk, positions=[{"symbol": "AAA", "qty": qty}]) == "DIRTY"
    assert position(given_desk) == 10


def test_incident_35_a_paper_account_that_was_reset_halts(given_desk: Desk) -> None:
    """Behind the same key stood another account, or a fresh one."""
    trade(given_desk)
    assert submit(given_desk, account_id="PAPER-TEST-0002", positions=[], orders=[]) == "DIRTY"
    assert given_desk.status == "HALTED"
