"""The broker's events as the messages that io.receive_messages takes. Nothing is decided here.

A message_id is the channel, the event and a digest of all that was said: a replay has the same one,
the same event with other numbers has not, so that the desk sees the contradiction.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from mqk.brokers import Message
from mqk.brokers.alpaca.models import Activity, Order, Touched, TradeUpdate, Unreadable, parse, read

RAW_LIMIT = 40_000  # characters; the inbox refuses a message that is not bounded
ENDED = {
    "canceled": "canceled_at",
    "expired": "expired_at",
    "rejected": "failed_at",
    "replaced": "replaced_at",
}


def read_update(channel: str, text: str | bytes) -> Message:
    """A trade update as a message; what cannot be read becomes the event `unreadable`."""
    try:
        return update_message(channel, parse(text))
    except Unreadable as why:
        return unreadable_message(channel, text, str(why))


def update_message(channel: str, data: Any) -> Message:
    """A parsed trade update as a message. Raises Unreadable."""
    update: TradeUpdate = read(TradeUpdate, data)
    order = update.order or Touched()
    return make_message(
        channel,
        update.event,
        data,
        broker_order_id=order.id,
        client_order_id=order.client_order_id,
        execution_id=update.execution_id,
        previous_execution_id=update.previous_execution_id,
        qty=update.qty,
        price=update.price,
        cum_qty=order.filled_qty,
        position_qty=update.position_qty,
        order_qty=order.qty,
        replaces=order.replaces,
        replaced_by=order.replaced_by,
        at=update.timestamp,
    )


def fill_message(data: Any, names: Mapping[str, str]) -> Message:
    """A fill of the account's history as a message; `names`: broker order id -> our name for it.

    Raises Unreadable. Its id begins with a local time, which is not unique for an hour a year and is
    never read; what follows is the execution.
    """
    fill: Activity = read(Activity, data)
    return make_message(
        "fills",
        fill.type,
        data,
        broker_order_id=fill.order_id,
        client_order_id=names.get(fill.order_id),
        execution_id=fill.id.rpartition("::")[2],
        qty=fill.qty,
        price=fill.price,
        cum_qty=fill.cum_qty,
        at=fill.transaction_time,
    )


def end_message(order: Order, data: Any) -> Message | None:
    """The end without a fill that a listed order has come to, as a message; None for any other."""
    if order.status not in ENDED:
        return None
    return make_message(
        "orders",
        order.status,
        data,
        broker_order_id=order.id,
        client_order_id=order.client_order_id,
        cum_qty=order.filled_qty,
        order_qty=order.qty,
        replaces=order.replaces,
        replaced_by=order.replaced_by,
        at=getattr(order, ENDED[order.status]),
    )


def unreadable_message(channel: str, text: str | bytes, why: str) -> Message:
    """What nobody could read, kept as text: the desk stores it and stops."""
    plain = text if isinstance(text, str) else text.decode("utf-8", "backslashreplace")
    return make_message(channel, "unreadable", {"why": why, "text": ascii(plain)[1:-1]})


def make_message(channel: str, event: str, raw: Any, **fields: str | None) -> Message:
    """A message with the fields that were said."""
    canonical = json.dumps(raw, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    said = {name: value for name, value in fields.items() if value is not None}
    if len(canonical) > RAW_LIMIT:
        raw = {"cut": canonical[:RAW_LIMIT], "sha256": digest}
    return {
        "message_id": f"{channel}:{event[:60]}:{digest[:32]}",
        "event": event,
        **said,
        "raw": raw,
    }
