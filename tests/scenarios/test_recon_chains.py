"""Laws of the terms of open orders and of replaced ones: stop, time in force, the fills of the chain."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from kit import GIVEN, Desk
from mqk.brokers import Refused
from recon_kit import drifts, hand_in, kinds, wait

ALL = ("marketdata", "broker_events", "snapshots")


@pytest.fixture
def desk(db: Any) -> Iterator[Desk]:
    """A desk that owns ten AAA, bought at 100, with a stop at 95 resting at the broker."""
    made = Desk(db.url, strategy={**GIVEN, "protective_stop_bps": 500})
    made.start()
    close(made, 2, 100)
    made.call("io.plan_intents", **made.lease("strategist"), targets={"AAA": 10}, now_at=made.now)
    made.tick("gateway")
    close(made, 3, 100)
    look(made)
    made.tick("gateway", "broker_events")
    yield made
    assert made.broken_promises() == []
    made.conn.close()


def close(desk: Desk, index: int, price: int) -> None:
    """Session `index` closes with AAA at this price."""
    desk.close(index, ticks=ALL, AAA=price, BBB=50)


def look(desk: Desk) -> str:
    """Have the stop looked after; give what was asked for."""
    rows = desk.call("io.plan_stops", **desk.lease("strategist"), now_at=desk.now)
    return str(rows[0]["done"])


def tighten(desk: Desk) -> None:
    """Ask for a stop at 104.50; it has not gone out yet."""
    close(desk, 4, 110)
    assert look(desk) == "TIGHTENED"


def shown(desk: Desk, **change: Any) -> dict[str, Any]:
    """The broker's snapshot, its stop with these fields."""
    document = desk.broker.snapshot()
    orders = [{**o, **change} if o["type"] == "stop" else o for o in document["orders"]]
    return {**document, "orders": orders}


def verdict(desk: Desk, **change: Any) -> str:
    """What a snapshot with such a stop is worth once it has lasted for the grace."""
    for seconds in (1, 5):
        wait(desk, seconds)
        found, _ = hand_in(desk, shown(desk, **change))
    return found


@pytest.mark.parametrize(
    ("change", "ours", "theirs"),
    [
        ({"stop_price": "94.999999"}, "stop 95000000", "stop 94999999"),
        ({"stop_price": "95.000001"}, "stop 95000000", "stop 95000001"),
        ({"stop_price": None}, "stop 95000000", "stop none"),
        ({"time_in_force": "day"}, "tif GTC", "tif DAY"),
    ],
)
def test_a_stop_that_was_moved_at_the_broker_halts(
    desk: Desk, change: dict[str, Any], ours: str, theirs: str
) -> None:
    assert (verdict(desk, **change), desk.status) == ("DIRTY", "HALTED")
    rows = desk.call("api.recon_drifts", run_id=desk.run_id)
    assert [(r["drift_kind"], r["ours"], r["theirs"]) for r in rows][-1] == (
        "ORDER_FIELD",
        ours,
        theirs,
    )


@pytest.mark.parametrize("told", ["95", "95.00", "95.000000"])
def test_the_same_stop_in_other_words_is_the_same(desk: Desk, told: str) -> None:
    assert verdict(desk, stop_price=told, time_in_force="GTC") == "CLEAN"


@pytest.mark.parametrize(
    ("stop_price", "found"), [("95", "CLEAN"), ("104.50", "CLEAN"), ("104.51", "DIRTY")]
)
def test_while_a_replace_is_on_its_way_either_stop_may_be_shown(
    desk: Desk, stop_price: str, found: str
) -> None:
    tighten(desk)
    assert verdict(desk, stop_price=stop_price) == found


@pytest.mark.parametrize(("stop_price", "found"), [("104.50", "CLEAN"), ("95", "DIRTY")])
def test_once_a_replace_is_done_the_stop_is_the_new_one(
    desk: Desk, stop_price: str, found: str
) -> None:
    tighten(desk)
    desk.tick("gateway", "broker_events")
    assert verdict(desk, stop_price=stop_price) == found


@pytest.mark.parametrize(("stop_price", "found"), [("95", "CLEAN"), ("104.50", "DIRTY")])
def test_once_a_replace_was_refused_the_stop_is_the_old_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, stop_price: str, found: str
) -> None:
    def refuse(_: Any) -> str:
        raise Refused("no")

    tighten(desk)
    monkeypatch.setattr(desk.broker, "replace", refuse)
    desk.tick("gateway", "broker_events")
    assert verdict(desk, stop_price=stop_price) == found


def told(desk: Desk, message_id: str, kind: str, order: dict[str, Any], **fields: Any) -> None:
    """The broker tells of the stop."""
    said = {"broker_order_id": order["broker_order_id"], "message_id": message_id, **fields}
    assert desk.receive(desk.event(order["client_order_id"], kind, **said)) != ["QUARANTINED"]


@pytest.mark.parametrize(
    ("then", "found", "kind"),
    [
        ({"filled_qty": "0"}, "CLEAN", None),
        ({"filled_qty": "1"}, "DIRTY", "UNKNOWN_FILL"),
        ({"qty": "10", "filled_qty": "0"}, "DIRTY", "ORDER_FIELD"),
    ],
    ids=["as we know it", "a fill we have not", "the total of the first"],
)
def test_a_stop_that_was_filled_in_part_while_it_was_replaced_is_judged_by_the_chain(
    desk: Desk, then: dict[str, Any], found: str, kind: str | None
) -> None:
    tighten(desk)
    desk.tick("gateway")
    document = shown(desk)
    stop = next(o for o in document["orders"] if o["type"] == "stop")
    first = {**stop, "stop_price": "95", "filled_qty": "4", "status": "replaced"}
    second = {**stop, "broker_order_id": "b-2", "replaces": stop["broker_order_id"], "qty": "6",
              "client_order_id": stop["client_order_id"] + "-r1", "status": "new", **then}  # fmt: skip
    told(desk, "f", "partial_fill", stop, qty=4, price=95, fee=0, cum_qty=4, order_qty=10,
         execution_id="x-f")  # fmt: skip
    told(desk, "r", "replaced", stop, cum_qty=4, order_qty=10, replaced_by="b-2")
    told(desk, "n", "new", {**second, "client_order_id": stop["client_order_id"]}, cum_qty=0,
         order_qty=6, replaces=stop["broker_order_id"])  # fmt: skip
    others = [o for o in document["orders"] if o["type"] != "stop"]
    books = {"cash": "99380", "positions": [{"symbol": "AAA", "qty": "6"}]}
    for seconds in (1, 5):
        wait(desk, seconds)
        captured = {"captured_at": desk.now.isoformat(), "orders": [*others, first, second]}
        at_last, _ = hand_in(desk, {**document, **books, **captured})
    assert (at_last, kinds(desk)) == (found, [kind] if kind else [])


def test_a_fill_of_the_first_that_we_have_not_booked_is_not_hidden_by_the_second(
    desk: Desk,
) -> None:
    tighten(desk)
    desk.tick("gateway", "broker_events")
    document = shown(desk)
    stop = next(o for o in document["orders"] if o["type"] == "stop")
    chain = [
        {**stop, "filled_qty": "4", "status": "replaced"},
        {**stop, "broker_order_id": "b-2", "replaces": stop["broker_order_id"], "qty": "6"},
    ]
    others = [o for o in document["orders"] if o["type"] != "stop"]
    for seconds in (1, 5):
        desk.clock.move_to(desk.now + timedelta(seconds=seconds))
        captured = {"captured_at": desk.now.isoformat(), "orders": [*others, *chain]}
        hand_in(desk, {**document, **captured})
    assert ("UNKNOWN_FILL", stop["client_order_id"]) in drifts(desk)
    assert desk.status == "HALTED"


def test_an_order_that_the_broker_leaves_filled_after_a_bust_is_no_difference(
    given_desk: Desk,
) -> None:
    desk = given_desk
    name = str(desk.plan(2, AAA=10)[0]["client_order_id"])
    desk.tick("gateway")
    broker_id = desk.broker.find(name)
    fill = {"broker_order_id": broker_id, "execution_id": "x1", "qty": 10, "price": 100,
            "cum_qty": 10, "order_qty": 10}  # fmt: skip
    desk.receive(desk.event(name, "fill", **fill))
    bust = {"broker_order_id": broker_id, "execution_id": "x2", "previous_execution_id": "x1"}
    desk.receive(desk.event(name, "trade_bust", qty=10, price=100, **bust))
    assert desk.one("select order_status from oms.orders") == "CANCELED"

    def told(filled: str) -> str:
        """The verdict once a filled order with so many shares has been shown for the grace."""
        for _ in range(2):
            wait(desk, 6)
            shown = desk.broker.snapshot()
            orders = [{**o, "status": "filled", "filled_qty": filled} for o in shown["orders"]]
            verdict, _ = hand_in(desk, {**shown, "orders": orders})
        return verdict

    assert told("0") == "CLEAN"
    assert told("10") == "DIRTY"
