"""A sweep: what REST says happened in a window, for all that a stream may have lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from mqk.brokers import Message, Unsure
from mqk.brokers.alpaca.errors import Absent
from mqk.brokers.alpaca.listing import list_fill_pages, list_orders
from mqk.brokers.alpaca.models import Activity, Order, Unreadable, read
from mqk.brokers.alpaca.normalise import end_message, fill_message, unreadable_message
from mqk.brokers.alpaca.rest import Rest

AHEAD = timedelta(minutes=1)  # the broker's clock may be ahead of ours


def sweep(rest: Rest, after: datetime, until: datetime) -> Iterator[list[Message]]:
    """Messages of a window, a batch at a time: every fill, then the orders that ended otherwise.

    Fills do not say our name for the order; the list of orders does, or one look at an older order.
    Raises NotSent, Unauthorized, Unsure.
    """
    listed = list_orders(rest, "all", after)
    names = {order.id: order.client_order_id for order, _ in listed}
    for page in list_fill_pages(rest, after, until + AHEAD):
        yield [read_fill(rest, row, names) for row in page]
    ends = (end_message(order, raw) for order, raw in listed)
    yield [message for message in ends if message]


def read_fill(rest: Rest, row: Any, names: dict[str, str]) -> Message:
    """A row of the account's fills as a message; adds its order to `names`."""
    try:
        fill: Activity = read(Activity, row)
        if fill.order_id not in names:
            names.update(find_name(rest, fill.order_id))
        return fill_message(row, names)
    except Unreadable as why:
        return unreadable_message("fills", json.dumps(row, sort_keys=True), str(why))


def find_name(rest: Rest, broker_order_id: str) -> dict[str, str]:
    """{broker_order_id: our name for it}, or nothing when the broker does not know the order."""
    try:
        order: Order = read(Order, rest.get(f"/v2/orders/{broker_order_id}"))
    except Absent:
        return {}
    except Unreadable as error:
        raise Unsure(f"GET /v2/orders/id: {error}") from None
    if order.id != broker_order_id:
        raise Unsure("GET /v2/orders/id: another order")
    return {order.id: order.client_order_id}
