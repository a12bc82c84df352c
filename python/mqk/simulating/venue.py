"""The broker: orders, executions, shares and cash in a ledger of its own. It knows nothing of the desk.

All amounts are whole micros, all quantities whole shares. What it says stands in `said`, in order; what
becomes of that on its way is the link's business.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Message = dict[str, Any]
MICROS = 1_000_000
WORKING = ("accepted", "partially_filled")


class Unwilling(Exception):
    """The broker refuses."""


def money(micros: int) -> str:
    """Micros as a decimal text."""
    sign, amount = "-" * (micros < 0), abs(micros)
    return f"{sign}{amount // MICROS}.{amount % MICROS:06d}"


@dataclass
class Order:
    """One order at the broker; qty unsigned, sign says which way."""

    order_id: str
    name: str
    symbol: str
    sign: int
    qty: int
    kind: str
    tif: str
    limit_micros: int | None
    stop_micros: int | None
    seen_at: datetime
    status: str = "accepted"
    filled: int = 0
    replaces: str | None = None
    replaced_by: str | None = None

    @property
    def left(self) -> int:
        """Shares that can still fill."""
        return self.qty - self.filled if self.status in WORKING else 0

    def show(self) -> dict[str, Any]:
        """As a snapshot has it."""
        prices = {"limit_price": self.limit_micros, "stop_price": self.stop_micros}
        return {
            "broker_order_id": self.order_id, "client_order_id": self.name, "symbol": self.symbol,
            "side": "buy" if self.sign > 0 else "sell", "qty": str(self.qty),
            "filled_qty": str(self.filled), "type": self.kind.lower(), "status": self.status,
            "time_in_force": self.tif.lower(), "replaces": self.replaces,
            "replaced_by": self.replaced_by,
            **{k: money(v) if v is not None else None for k, v in prices.items()},
        }  # fmt: skip


@dataclass
class Execution:
    """Shares that changed hands; `stands` until it is busted or corrected."""

    execution_id: str
    order: Order
    qty: int
    price_micros: int
    fee_micros: int
    stands: bool = True
    is_old: bool = False  # in other shares than those of now


@dataclass
class Venue:
    """One account. `dedupes`: refuses a name that it has, as Alpaca does; else a double order shows."""

    account_id: str
    cash_micros: int
    dedupes: bool
    fee_micros: int = 0
    orders: dict[str, Order] = field(default_factory=dict)
    executions: list[Execution] = field(default_factory=list)
    positions: dict[str, int] = field(default_factory=dict)
    said: list[Message] = field(default_factory=list)
    taken: dict[str, int] = field(default_factory=dict)  # name -> orders under it
    numbers: int = 0

    def number(self, what: str) -> str:
        """The next id."""
        self.numbers += 1
        return f"{what}-{self.numbers:05d}"

    def working(self, symbol: str | None = None) -> list[Order]:
        """Orders that can fill, oldest first."""
        return [o for o in self.orders.values() if o.left and symbol in (None, o.symbol)]

    def find(self, name: str) -> Order | None:
        """The newest order of a name."""
        return next((o for o in reversed(list(self.orders.values())) if o.name == name), None)

    # What clients ask for.

    def submit(self, asked: Mapping[str, Any], at: datetime, replaces: str | None = None) -> Order:
        """Take an order and say so. Raises Unwilling."""
        name = str(asked["client_order_id"])
        if self.dedupes and name in self.taken:
            raise Unwilling("client_order_id must be unique")
        self.taken[name] = self.taken.get(name, 0) + 1
        qty = int(asked["order_qty"])
        order = Order(
            self.number("order"), name, str(asked["symbol"]), 1 if qty > 0 else -1, abs(qty),
            str(asked["order_type"]), str(asked["time_in_force"]), asked["limit_price_micros"],
            asked["stop_price_micros"], at, replaces=replaces,
        )  # fmt: skip
        self.orders[order.order_id] = order
        self.say(order, "new", at)
        return order

    def cancel(self, order_id: str, at: datetime) -> None:
        """End a working order. Raises Unwilling."""
        self.end(self._get(order_id), "canceled", at)

    def replace(self, asked: Mapping[str, Any], at: datetime) -> Order:
        """Put another order in the place of a working one: its terms, the shares that it has left."""
        old = self._get(str(asked["broker_order_id"]))
        left = abs(int(asked["order_qty"])) - old.filled
        if left <= 0:
            raise Unwilling("qty must be more than filled")
        made = {**asked, "symbol": old.symbol, "order_qty": old.sign * left}
        new = self.submit({**made, "order_type": old.kind}, at, replaces=old.order_id)
        old.status, old.replaced_by = "replaced", new.order_id
        self.say(old, "replaced", at)
        return new

    def _get(self, order_id: str) -> Order:
        order = self.orders.get(order_id)
        if order is None or not order.left:
            raise Unwilling(f"order is not open: {order.status if order else 'unknown'}")
        return order

    # What the market does.

    def fill(self, order: Order, qty: int, price_micros: int, at: datetime) -> Execution:
        """Execute shares of an order."""
        made = Execution(self.number("exec"), order, qty, price_micros, self.fee_micros * qty)
        order.filled += qty
        order.status = "filled" if order.filled == order.qty else "partially_filled"
        self._book(made, 1)
        self.executions.append(made)
        self._tell(made, "fill" if order.status == "filled" else "partial_fill", at)
        return made

    def bust(self, gone: Execution, at: datetime) -> None:
        """Take an execution back; the order stays in its status, with fewer shares."""
        gone.stands = False
        gone.order.filled -= gone.qty
        self._book(gone, -1)
        self.say(gone.order, "trade_bust", at, execution_id=self.number("exec"),
                 previous_execution_id=gone.execution_id, qty=str(gone.qty),
                 price=money(gone.price_micros))  # fmt: skip

    def correct(self, gone: Execution, price_micros: int, at: datetime) -> None:
        """Put an execution at another price in the place of one."""
        gone.stands = False
        self._book(gone, -1)
        made = Execution(self.number("exec"), gone.order, gone.qty, price_micros, gone.fee_micros)
        self._book(made, 1)
        self.executions.append(made)
        self._tell(made, "trade_correct", at, previous_execution_id=gone.execution_id)

    def end(self, order: Order, status: str, at: datetime) -> None:
        """canceled, expired or rejected: no share of it will fill any more."""
        order.status = status
        self.say(order, status, at)

    def move(self, symbol: str, qty: int, cash_micros: int) -> None:
        """Shares and cash that no order of ours moved: a person at the broker, a corporate action."""
        self.positions[symbol] = self.positions.get(symbol, 0) + qty
        self.cash_micros += cash_micros

    def _book(self, e: Execution, way: int) -> None:
        signed = e.order.sign * e.qty * way
        self.move(e.order.symbol, signed, -signed * e.price_micros - e.fee_micros * way)

    def _tell(self, e: Execution, event: str, at: datetime, **more: Any) -> None:
        told = {"execution_id": e.execution_id, "qty": str(e.qty), "price": money(e.price_micros),
                "fee": money(e.fee_micros),
                "position_qty": str(self.positions[e.order.symbol])}  # fmt: skip
        self.say(e.order, event, at, **told, **more)

    # What it says.

    def say(self, order: Order, event: str, at: datetime, **more: Any) -> None:
        """One message about an order."""
        said = {
            "message_id": self.number("message"), "event": event, "broker_order_id": order.order_id,
            "client_order_id": order.name, "cum_qty": str(order.filled), "order_qty": str(order.qty),
            "replaces": order.replaces, "replaced_by": order.replaced_by, "at": at.isoformat(), **more,
        }  # fmt: skip
        self.said.append({key: value for key, value in said.items() if value is not None})

    def recall(self, order_ids: list[str]) -> Iterator[Message]:
        """What was said of executions of these orders, first things first."""
        yield from (m for m in self.said if m["broker_order_id"] in order_ids and "qty" in m)

    def snapshot(self, at: datetime) -> dict[str, Any]:
        """Orders, shares and cash now."""
        held = {s: q for s, q in sorted(self.positions.items()) if q}
        return {
            "source": "paper", "account_id": self.account_id, "captured_at": at.isoformat(),
            "cash": money(self.cash_micros), "orders": [o.show() for o in self.orders.values()],
            "positions": [{"symbol": s, "qty": str(q)} for s, q in held.items()],
        }  # fmt: skip
