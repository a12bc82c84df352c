"""The Broker protocol over Alpaca."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from mqk.brokers import Document, Message, NotSent, Refused, Unauthorized, Unsure
from mqk.brokers.alpaca.errors import Absent, Duplicate
from mqk.brokers.alpaca.events import Continuity, Events
from mqk.brokers.alpaca.models import Account, Order, Unreadable, read
from mqk.brokers.alpaca.orders import is_same_order, order_body, replace_body
from mqk.brokers.alpaca.rest import Rest
from mqk.brokers.alpaca.snapshot import list_all, list_positions, order_document
from mqk.clock import Clock
from mqk.errors import MqkError

BY_NAME = "/v2/orders:by_client_order_id"


class AlpacaBroker:
    """One account at Alpaca, paper or live.

    `account_id` is the run's: the broker's account number or id must be the same before anything is
    sent. Orders submitted before `since` are listed only while they are open.
    """

    def __init__(
        self, rest: Rest, account_id: str, clock: Clock, since: datetime, events: Events
    ) -> None:
        self.rest, self.account_id, self.clock, self.since = rest, account_id, clock, since
        self._events = events
        self._is_ours = False
        self.close: Callable[[], Any] = weakref.finalize(self, _close, rest, events)

    def submit(self, permit: Mapping[str, Any]) -> str:
        """Send an order, once."""
        self._pin()
        return self._place("POST", "/v2/orders", order_body(permit), permit)

    def replace(self, permit: Mapping[str, Any]) -> str:
        """Ask for other terms under a new name; the successor has an id of its own."""
        self._pin()
        path = _path(permit["broker_order_id"])
        return self._place("PATCH", path, replace_body(permit), permit)

    def cancel(self, broker_order_id: str) -> None:
        """Ask for the end of an order; that it was asked for is all that the answer says."""
        self._pin()
        try:
            answer = self.rest.change("CANCEL", "DELETE", _path(broker_order_id))
        except Absent as no:
            raise Refused(str(no)) from None
        except Duplicate as odd:
            raise Unsure(str(odd)) from None
        if answer is not None:
            raise Unsure("a cancel was answered with a document")

    def find(self, client_order_id: str) -> str | None:
        """The broker's id of an order by our name for it."""
        self._pin()
        order = self._look_up(client_order_id)
        return order.id if order else None

    def orders(self) -> Sequence[Document]:
        """Open orders, and all that were submitted since the run began."""
        self._pin()
        return [order_document(order) for order in list_all(self.rest, self.since)]

    def positions(self) -> Sequence[Document]:
        """Open positions, quantities signed."""
        self._pin()
        return list_positions(self.rest)

    def account(self) -> Document:
        """Account id, cash and what may stop it from trading.

        Raises MqkError MQG20 when it is not the run's.
        """
        try:
            account: Account = read(Account, self.rest.get("/v2/account"))
        except (Unreadable, Absent) as error:
            raise Unsure(f"GET /v2/account: {error}") from None
        if self.account_id not in (account.account_number, account.id):
            raise MqkError(
                "MQG20",
                "the account behind the keys is the account of the run",
                f"run {self.account_id}, broker {account.account_number}",
                "Give the keys of the run's account, or make a run for this one.",
            )
        self._is_ours = True
        return {**account.model_dump(), "account_id": self.account_id}

    def snapshot(self) -> Document:
        """Orders, positions and cash; captured_at is before the first of them was asked for."""
        captured_at = self.clock()
        account = self.account()
        return {
            "source": "alpaca",
            "account_id": self.account_id,
            "captured_at": captured_at.isoformat(),
            "cash": account["cash"],
            "positions": self.positions(),
            "orders": self.orders(),
        }

    def events(self, cursor: str | None) -> tuple[list[Message], str | None]:
        """What is new after the cursor; see events.Events.read."""
        try:
            self._pin()
        except Unauthorized:
            raise
        except (NotSent, Unsure):
            return [], cursor  # nothing can be said yet, and continuity says so
        return self._events.read(cursor)

    def recover(self, broker_order_ids: Sequence[str]) -> list[Message]:
        """All executions of these orders since the run began; nothing while the broker is silent."""
        return self._events.recover(broker_order_ids)

    def continuity(self) -> Continuity:
        """('COLD'|'LIVE'|'GAP', reason): whether the events are whole up to now."""
        return self._events.continuity

    def observe(
        self, bars: Sequence[Mapping[str, Any]], actions: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        """A real market needs no telling."""

    def _pin(self) -> None:
        if not self._is_ours:
            self.account()

    def _place(
        self, method: str, path: str, body: dict[str, str], permit: Mapping[str, Any]
    ) -> str:
        """Send an order or a replacement, once; give the id of the order that carries our name."""
        name = str(permit["client_order_id"])
        try:
            order: Order = read(Order, self.rest.change("SUBMIT", method, path, body))
        except Duplicate:
            return self._adopt(permit)
        except Absent as no:
            if method == "PATCH":
                raise Refused(str(no)) from None
            raise Unsure(str(no)) from None
        except Unreadable as error:
            raise Unsure(f"{method} was answered, but {error}") from None
        if order.client_order_id != name:
            raise Unsure(f"{method} was answered with the order of another name")
        return order.id

    def _adopt(self, permit: Mapping[str, Any]) -> str:
        """The order that has our name already, if it is this one: an earlier request arrived."""
        name = str(permit["client_order_id"])
        try:
            order = self._look_up(name)
        except NotSent as failure:
            raise Unsure(f"{name} exists, but cannot be looked up: {failure}") from None
        if order is None:
            raise Unsure(f"{name} exists and does not: {BY_NAME} gives nothing")
        if not is_same_order(order, permit):
            raise Unsure(f"client_order_id_collision: {name} is another order at the broker")
        return order.id

    def _look_up(self, client_order_id: str) -> Order | None:
        """The order of this name, or None when the broker says that there is none."""
        try:
            answer = self.rest.get(BY_NAME, {"client_order_id": client_order_id})
            order: Order = read(Order, answer)
        except Absent:
            return None
        except Unreadable as error:
            raise Unsure(f"GET {BY_NAME}: {error}") from None
        if order.client_order_id != client_order_id:
            raise Unsure(f"GET {BY_NAME}: the order of another name")
        return order


def _path(broker_order_id: str) -> str:
    return f"/v2/orders/{quote(str(broker_order_id), safe='')}"


def _close(rest: Rest, events: Events) -> None:
    """End the threads and the connections; also when nobody uses the broker any more."""
    events.stop()
    rest.close()
