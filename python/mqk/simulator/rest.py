"""The REST calls of /v2, without the network: a Call in, an Answer out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from mqk.simulator import answers, hours
from mqk.simulator.book import TERMINAL, Order
from mqk.simulator.drafts import is_market_open
from mqk.simulator.queries import list_activities, list_orders
from mqk.simulator.rules import INVALID, Refusal, not_found
from mqk.simulator.venue import Venue
from mqk.simulator.wire import read_json, read_time


@dataclass(frozen=True)
class Call:
    """One request. `how` names what the fault queue wants to be done differently."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    how: str = ""

    def read(self) -> Any:
        """The body. Raises Refusal 400 if it is not JSON."""
        try:
            return read_json(self.body)
        except ValueError:
            raise Refusal(400, 40010000, "request body format is invalid") from None


@dataclass
class Answer:
    """HTTP status and body (None: no body); `headers` beside those that every answer has."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class Rest:
    """The routes over one venue."""

    def __init__(self, venue: Venue) -> None:
        self.venue, self.book = venue, venue.book
        word = r"([^/]+)"
        table: list[tuple[str, str, Callable[..., Answer]]] = [
            ("POST", "/v2/orders", self.submit),
            ("GET", "/v2/orders", self.orders),
            ("DELETE", "/v2/orders", self.cancel_all),
            ("GET", "/v2/orders:by_client_order_id", self.order_by_client_id),
            ("GET", f"/v2/orders/{word}", self.order),
            ("PATCH", f"/v2/orders/{word}", self.replace),
            ("DELETE", f"/v2/orders/{word}", self.cancel),
            ("GET", "/v2/positions", self.positions),
            ("GET", f"/v2/positions/{word}", self.position),
            ("GET", "/v2/account", self.account),
            ("GET", "/v2/account/configurations", self.configurations),
            ("GET", "/v2/account/activities", self.activities),
            ("GET", f"/v2/account/activities/{word}", self.activities),
            ("GET", "/v2/clock", self.clock),
            ("GET", "/v2/calendar", self.calendar),
            ("GET", "/v2/assets", self.assets),
            ("GET", f"/v2/assets/{word}", self.asset),
        ]
        self._table = [(method, re.compile(path), rule) for method, path, rule in table]

    def serve(self, call: Call) -> Answer:
        """Answer a call; a refusal becomes an answer too."""
        try:
            rule, words = self._find(call)
            return rule(call, *words)
        except Refusal as no:
            return Answer(no.status, no.body)

    def _find(self, call: Call) -> tuple[Callable[..., Answer], tuple[str, ...]]:
        found = [(m, p.fullmatch(call.path), rule) for m, p, rule in self._table]
        there = [(method, match, rule) for method, match, rule in found if match]
        for method, match, rule in there:
            if method == call.method and match:
                return rule, match.groups()
        if there:
            raise Refusal(405, None, "method not allowed")
        raise Refusal(404, None, "endpoint not found")

    def find_order(self, order_id: str) -> Order:
        """An order by the broker's id. Raises Refusal 422 (no uuid) or 404."""
        try:
            name = str(UUID(order_id))
        except ValueError:
            raise Refusal(422, INVALID, "order_id is missing") from None
        if name not in self.book.orders or name in self.book.settings["hidden"]:
            raise not_found(order_id)
        return self.book.orders[name]

    def submit(self, call: Call) -> Answer:
        return Answer(200, self.venue.submit(call.read()))

    def orders(self, call: Call) -> Answer:
        return Answer(200, list_orders(self.book, call.query))

    def order(self, call: Call, order_id: str) -> Answer:
        return Answer(200, self.find_order(order_id))

    def order_by_client_id(self, call: Call) -> Answer:
        name = call.query.get("client_order_id", "")
        order_id = self.book.by_client_id.get(name)
        if order_id is None:
            raise not_found(name)
        return Answer(200, self.find_order(order_id))

    def replace(self, call: Call, order_id: str) -> Answer:
        order = self.find_order(order_id)
        return Answer(200, self.venue.replace(order["id"], call.read(), call.how))

    def cancel(self, call: Call, order_id: str) -> Answer:
        self.venue.cancel(self.find_order(order_id)["id"], call.how)
        return Answer(204)

    def cancel_all(self, call: Call) -> Answer:
        busy = TERMINAL | {"pending_cancel"}
        targets = [o["id"] for o in self.book.orders.values() if o["status"] not in busy]
        told = []
        for order_id in targets:
            try:
                self.venue.cancel(order_id, call.how)
                told.append({"id": order_id, "status": 200})
            except Refusal as no:
                told.append({"id": order_id, "status": no.status})
        return Answer(207, told)

    def positions(self, call: Call) -> Answer:
        return Answer(200, answers.positions_answer(self.book))

    def position(self, call: Call, symbol: str) -> Answer:
        asset = answers.asset_answer(self.book, symbol)
        return Answer(200, answers.position_answer(self.book, asset["symbol"]))

    def account(self, call: Call) -> Answer:
        return Answer(200, answers.account_answer(self.book))

    def configurations(self, call: Call) -> Answer:
        return Answer(200, answers.configurations_answer(self.book))

    def activities(self, call: Call, kind: str | None = None) -> Answer:
        return Answer(200, list_activities(self.book, call.query, kind))

    def clock(self, call: Call) -> Answer:
        at = self.book.at + timedelta(milliseconds=self.book.settings["skew_ms"])
        return Answer(200, hours.clock_answer(at, market_open=is_market_open(self.book)))

    def calendar(self, call: Call) -> Answer:
        try:
            start = read_time(call.query.get("start", "1990-01-01")).date()
            end = read_time(call.query.get("end", "2030-12-31")).date()
        except ValueError:
            raise Refusal(422, INVALID, "start and end are days") from None
        return Answer(200, hours.calendar_answer(start, end))

    def assets(self, call: Call) -> Answer:
        symbols = answers.list_symbols(self.book)
        return Answer(200, [answers.asset_answer(self.book, symbol) for symbol in symbols])

    def asset(self, call: Call, name: str) -> Answer:
        return Answer(200, answers.asset_answer(self.book, name))
