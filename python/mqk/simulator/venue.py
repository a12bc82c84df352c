"""What happens to orders: taken, routed, filled, canceled, replaced, ended; all of it goes into the ledger.

Events wait in `outgoing` until the step is on disk and answered; then the streams send them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from mqk.simulator import hours
from mqk.simulator.book import TERMINAL, Book, Order
from mqk.simulator.drafts import draft_order, draft_successor, is_market_open
from mqk.simulator.ledger import Record
from mqk.simulator.matching import list_executions, slice_qty
from mqk.simulator.rules import UNPROCESSABLE, Refusal, leaves
from mqk.simulator.wire import ZERO, derive_ulid, in_new_york, number, plain, read_time, stamp

PENDING = frozenset({"accepted", "pending_new", "pending_cancel", "pending_replace"})
STAMPS = {"filled": "filled_at", "canceled": "canceled_at", "expired": "expired_at",
          "replaced": "replaced_at", "rejected": "failed_at"}  # fmt: skip


class Venue:
    """The market and the broker's desk over one book. `dedupe` False takes a client id again."""

    def __init__(self, book: Book, *, dedupe: bool = True) -> None:
        self.book, self.dedupe = book, dedupe
        self.outgoing: list[Record] = []
        self.passed = book.at  # opens and closes up to here have had their effect

    # Orders

    def submit(self, body: Any, origin: str = "api") -> Order:
        """Take an order; gives it as it is before it is routed. Raises Refusal."""
        order = self._draft(body, origin, lambda: draft_order(self.book, body, dedupe=self.dedupe))
        self.book.put("order", order=order)
        self.emit(order["status"], order["id"])
        if order["status"] == "pending_new":
            self._route(order["id"])
        return order

    def _draft(self, body: Any, origin: str, draft: Callable[[], Order]) -> Order:
        """Make a draft and write down whether it was taken or refused. Raises Refusal."""
        try:
            order = draft()
        except Refusal as no:
            name = body.get("client_order_id") if isinstance(body, dict) else None
            told = {"client_order_id": name, "origin": origin, "status": no.status}
            self.book.put("refused", **told, body=no.body)
            raise
        fields = {"client_order_id": order["client_order_id"], "order_id": order["id"]}
        self.book.put("accepted", origin=origin, **fields)
        return order

    def _route(self, order_id: str) -> None:
        self.set_status(order_id, "new")
        self.match(self.book.orders[order_id]["symbol"])

    def cancel(self, order_id: str, how: str = "") -> None:
        """DELETE: pending_cancel, then canceled, unless `how` says waits or rejected. Raises Refusal."""
        before = self.book.orders[order_id]["status"]
        if before in TERMINAL | {"pending_replace", "pending_cancel"}:
            raise Refusal(422, UNPROCESSABLE, f'order is already in "{before}" state')
        self.set_status(order_id, "pending_cancel")
        if how == "cancel_rejected":
            self.set_status(order_id, before, event="order_cancel_rejected")
        elif how != "cancel_waits":
            self.set_status(order_id, "canceled")

    def replace(self, order_id: str, body: Any, how: str = "") -> Order:
        """PATCH: gives the new order; `how` replace_rejected refuses it afterwards. Raises Refusal."""
        old = self.book.orders[order_id]
        order = self._draft(body, "replace", lambda: self._successor(old, body))
        self.set_status(order_id, "pending_replace")
        if how == "replace_rejected":
            self.book.put("order", order=order)
            self.set_status(order_id, old["status"], event="order_replace_rejected")
            self.set_status(order["id"], "rejected")
            return order
        self.set_status(order_id, "replaced", replaced_by=order["id"])
        self.book.put("order", order=order)
        self._route(order["id"])
        return order

    def _successor(self, old: Order, body: Any) -> Order:
        if old["status"] in TERMINAL | PENDING | {"held"}:
            raise Refusal(422, UNPROCESSABLE, f'order is not open: "{old["status"]}"')
        if not isinstance(body, dict):
            raise Refusal(400, 40010000, "request body format is invalid")
        return draft_successor(self.book, old, body, dedupe=self.dedupe)

    def set_status(
        self, order_id: str, status: str, event: str | None = None, **fields: Any
    ) -> None:
        """Write the order with its new status and tell it; the event is named like the status."""
        order = {**self.book.orders[order_id], "status": status, **fields}
        order["updated_at"] = stamp(self.book.at)
        if status in STAMPS:
            order[STAMPS[status]] = order["updated_at"]
        self.book.put("order", order=order)
        self.emit(event or status, order_id)

    # Executions

    def fill(self, order_id: str, qty: Decimal, price: Decimal) -> Record:
        """Book one execution of an order, whatever its status: money is real."""
        order = self.book.orders[order_id]
        record = self._execute(order, "fill", qty, price, None)
        done = number(self.book.orders[order_id]["filled_qty"]) >= number(order["qty"])
        event = "fill" if done else "partial_fill"
        live = order["status"] not in TERMINAL
        status = "filled" if done else "partially_filled" if live else order["status"]
        self._finish(order_id, status, event, record)
        row = self._activity(record, event, status)
        self.book.put("activity", row=row)
        return record

    def bust(self, execution_id: str, *, negative: bool = False) -> Record:
        """Take an execution back."""
        before = self.book.executions[execution_id]
        order = self.book.orders[before["order_id"]]
        qty, price = number(before["qty"]), number(before["price"])
        record = self._execute(order, "bust", qty, price, execution_id)
        told = {"qty": plain(-qty)} if negative else {}
        self._finish(order["id"], order["status"], "trade_bust", {**record, **told})
        return record

    def correct(self, execution_id: str, qty: Decimal, price: Decimal) -> Record:
        """Put other numbers in the place of an execution's."""
        order = self.book.orders[self.book.executions[execution_id]["order_id"]]
        record = self._execute(order, "correct", qty, price, execution_id)
        self._finish(order["id"], order["status"], "trade_correct", record)
        return record

    def _execute(
        self, order: Order, effect: str, qty: Decimal, price: Decimal, previous: str | None
    ) -> Record:
        signed = qty if order["side"] == "buy" else -qty
        fields = {
            "order_id": order["id"], "client_order_id": order["client_order_id"],
            "symbol": order["symbol"], "side": order["side"], "qty": plain(qty),
            "signed_qty": plain(signed), "price": plain(price),
        }  # fmt: skip
        execution_id = self.book.next_id("execution")
        record = self.book.put("execution", execution_id=execution_id, effect=effect,
                               previous_execution_id=previous, **fields)  # fmt: skip
        fills = self.book.list_fills(order["id"])
        total = sum((number(f["qty"]) for f in fills), ZERO)
        paid = sum((number(f["qty"]) * number(f["price"]) for f in fills), ZERO)
        average = plain(paid / total) if total else None
        now = {**order, "filled_qty": plain(total), "filled_avg_price": average}
        self.book.put("order", order=now)
        return record

    def _finish(self, order_id: str, status: str, event: str, execution: Record) -> None:
        order = {**self.book.orders[order_id], "status": status, "updated_at": execution["at"]}
        if event == "fill":
            order["filled_at"] = execution["at"]
        self.book.put("order", order=order)
        keys = ("execution_id", "price", "qty", "previous_execution_id")
        told = {k: execution[k] for k in keys if execution[k] is not None}
        held = plain(self.book.holdings[order["symbol"]].qty)
        self.emit(event, order_id, position_qty=held, timestamp=execution["at"], **told)

    def _activity(self, record: Record, event: str, status: str) -> Record:
        """The FILL row: its id begins with New York's local time, as the broker's do."""
        order = self.book.orders[record["order_id"]]
        local = in_new_york(read_time(record["at"])).strftime("%Y%m%d%H%M%S%f")[:17]
        return {
            "id": f"{local}::{record['execution_id']}",
            "activity_type": "FILL", "type": event, "order_status": status,
            "transaction_time": record["at"], "order_id": order["id"],
            "cum_qty": order["filled_qty"], "leaves_qty": plain(leaves(order)),
            **{k: record[k] for k in ("symbol", "side", "qty", "price")},
        }  # fmt: skip

    def emit(self, event: str, order_id: str, **fields: Any) -> Record:
        """Write a trade update about an order as it stands, to be sent when the step is done."""
        told: Record = {"event": event, "timestamp": stamp(self.book.at)}
        made = None if event in PENDING else self.book.next_id("event", event)
        told |= {"execution_id": made, **fields, "order": dict(self.book.orders[order_id])}
        return self.tell(told)

    def tell(self, data: Record) -> Record:
        """Write any trade update as it is given, with the cursor of the event streams."""
        at = stamp(self.book.at)
        event_id = derive_ulid(self.book.at, len(self.book.events) + 1)
        told = {**data, "event_id": event_id, "at": at}
        self.book.put("event", event=told)
        self.outgoing.append(told)
        return told

    # Market

    def quote(self, symbol: str, price: Decimal, size: Decimal | None = None) -> None:
        """Tell a price, for any number of shares or at most `size`; fill what it fills."""
        told = None if size is None else plain(size)
        self.book.put("quote", symbol=symbol, price=plain(price), size=told)
        self.match(symbol)

    def match(self, symbol: str) -> None:
        """Fill every order of a symbol that the quote fills, oldest first."""
        if not self.book.settings["auto"] or not is_market_open(self.book):
            return
        for order_id, qty, price in list_executions(self.book, symbol):
            for part in slice_qty(qty, self.book.settings["slices"]):
                self.fill(order_id, part, price)

    def settle(self) -> None:
        """Route what waits for the open, if the market is open, and fill what the quotes fill."""
        for order in self.book.open_orders() if is_market_open(self.book) else []:
            if order["status"] == "accepted":
                self._route(order["id"])
        for symbol in list(self.book.quotes):
            self.match(symbol)

    def pass_time(self, to: datetime) -> None:
        """Let time pass: day orders expire at each close, waiting ones are routed at each open."""
        boundaries = hours.list_boundaries(self.passed, to)
        self.passed = max(self.passed, to)
        for at, opens in boundaries if self.book.settings["hours"] == "calendar" else []:
            self.book.put("clock", to=stamp(at))
            for order in self.book.open_orders() if not opens else []:
                if read_time(order["expires_at"]) <= at:
                    self.set_status(order["id"], "expired")
            self.settle()
        if to > self.book.at:
            self.book.put("clock", to=stamp(to))
