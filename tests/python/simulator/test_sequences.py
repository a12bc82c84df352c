"""The simulator can be made to tell each of the recorded kinds of history, event by event."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from .conftest import ALPACA, CheckedBroker, Stream, limit

NAME = "MQK-demo-0001"
Recipe = Callable[[CheckedBroker], Any]
AMOUNTS = ("qty", "price", "position_qty")


def place(broker: CheckedBroker) -> str:
    """The order that all histories are about; gives its path."""
    broker.control("set", auto=False)
    return "/v2/orders/" + broker.order(**limit("62.50", qty="100", client_order_id=NAME))["id"]


def fill(broker: CheckedBroker, qty: str, price: str, name: str = NAME) -> None:
    """One execution."""
    broker.control("fill", client_order_id=name, qty=qty, price=price)


def normal(broker: CheckedBroker) -> None:
    place(broker)
    fill(broker, "40", "62.49")
    fill(broker, "60", "62.50")


def replayed(broker: CheckedBroker) -> None:
    normal(broker)
    broker.control("replay", order=[1, 3], times=2)


def fill_before_ack(broker: CheckedBroker) -> None:
    broker.control("stream", do="hold")
    normal(broker)
    broker.control("stream", do="release", reverse=True)


def partial_lost(broker: CheckedBroker) -> None:
    broker.control("stream", do="lose", event="partial_fill")
    normal(broker)


def cancel_rejected(broker: CheckedBroker) -> None:
    path = place(broker)
    broker.faults("cancel_rejected", method="DELETE", path=path)
    broker.api("DELETE", path)
    fill(broker, "100", "62.50")


def replace_with_partial(broker: CheckedBroker) -> None:
    path = place(broker)
    fill(broker, "40", "62.49")
    broker.api("PATCH", path, {"qty": "80", "client_order_id": f"{NAME}-r1"})
    fill(broker, "80", "62.50", f"{NAME}-r1")


def reject(broker: CheckedBroker) -> None:
    broker.control("stream", do="lose", event="new")
    place(broker)
    broker.control("status", client_order_id=NAME, status="rejected")


def accepted_then_expired(broker: CheckedBroker) -> None:
    broker.control("clock", to="2026-10-08T22:00:00Z")
    place(broker)
    broker.control("clock", to="2026-10-09T20:00:00Z")


def done_for_day(broker: CheckedBroker) -> None:
    place(broker)
    fill(broker, "40", "62.49")
    for status in ("done_for_day", "calculated"):
        broker.control("status", client_order_id=NAME, status=status)


def unowned(broker: CheckedBroker) -> None:
    broker.control("set", auto=False)
    broker.control("stream", do="lose", event="pending_new")
    told = limit("62.50", symbol="KO", side="buy", qty="100", client_order_id="manual-web-order")
    broker.control("order", told)


RECIPES: dict[str, Recipe] = {
    "seq_01_normal": normal,
    "seq_02_replayed_dups": replayed,
    "seq_03_fill_before_ack": fill_before_ack,
    "seq_04_partial_lost": partial_lost,
    "seq_06_cancel_rejected_then_fill": cancel_rejected,
    "seq_08_replace_with_partial": replace_with_partial,
    "seq_11_reject": reject,
    "seq_12_accepted_held_expired": accepted_then_expired,
    "seq_13_done_for_day_calculated": done_for_day,
    "seq_15_unowned_order": unowned,
}


def essence(data: dict[str, Any]) -> dict[str, Any]:
    """What must be the same in both: all but ids, times and how a number is written."""
    order = data["order"]
    amounts = {k: Decimal(data[k]) for k in AMOUNTS if k in data}
    numbers = ("qty", "filled_qty", "filled_avg_price", "limit_price")
    amounts |= {f"order.{k}": Decimal(order[k]) for k in numbers if order[k]}
    return amounts | {
        "event": data["event"],
        "has execution": data["execution_id"] is not None,
        "status": order["status"],
        "name": order["client_order_id"],
        "links": (bool(order["replaces"]), bool(order["replaced_by"])),
        "fields": (sorted(data), sorted(order)),
    }


def test_every_recorded_history_has_a_recipe() -> None:
    there = {path.stem for path in (ALPACA / "sequences").glob("*.jsonl")}
    if not there:
        pytest.skip("the recorded histories are not here: set MQK_SHARED")
    assert there <= set(RECIPES)


@pytest.mark.parametrize("name", RECIPES)
def test_a_recorded_history_can_be_told(broker: CheckedBroker, stream: Stream, name: str) -> None:
    path = ALPACA / "sequences" / f"{name}.jsonl"
    if not path.is_file():
        pytest.skip("the recorded histories are not here: set MQK_SHARED")
    wanted = [json.loads(line)["data"] for line in path.read_text().splitlines()]
    RECIPES[name](broker)
    told = stream.read(len(wanted))
    assert [essence(data) for data in told] == [essence(data) for data in wanted]
    assert stream.is_silent(0.05)
