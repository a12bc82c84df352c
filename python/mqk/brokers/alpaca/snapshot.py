"""What the broker holds, as io.submit_snapshot takes it; words and numbers stay the broker's."""

from __future__ import annotations

from datetime import datetime

from mqk.brokers import Document, Unsure
from mqk.brokers.alpaca.errors import Absent
from mqk.brokers.alpaca.listing import list_orders
from mqk.brokers.alpaca.models import Order, Position, Unreadable, read
from mqk.brokers.alpaca.rest import Rest

FIELDS = (
    "client_order_id", "symbol", "side", "qty", "filled_qty", "status", "submitted_at", "type",
    "limit_price", "stop_price", "time_in_force", "replaces", "replaced_by",
)  # fmt: skip


def list_all(rest: Rest, since: datetime) -> list[Order]:
    """Orders submitted after an instant and older ones that are open, each once, oldest first.

    The open ones are asked for first: one that ends in between is then seen as it ended.
    """
    found = {order.id: order for order, _ in list_orders(rest, "open")}
    found.update({order.id: order for order, _ in list_orders(rest, "all", since)})
    return sorted(found.values(), key=lambda o: (o.submitted_at or o.created_at or "", o.id))


def list_positions(rest: Rest) -> list[Document]:
    """Open positions with signed quantities."""
    try:
        positions: list[Position] = read(list[Position], rest.get("/v2/positions"))
    except (Unreadable, Absent) as error:
        raise Unsure(f"GET /v2/positions: {error}") from None
    return [{"symbol": p.symbol, "qty": sign_qty(p)} for p in positions]


def sign_qty(position: Position) -> str:
    """The quantity, negative for a short position however the broker writes it."""
    if position.side == "short" and not position.qty.startswith("-"):
        return f"-{position.qty}"
    return position.qty


def order_document(order: Order) -> Document:
    """An order with the fields that reconcile looks at."""
    return {"broker_order_id": order.id, **{name: getattr(order, name) for name in FIELDS}}
