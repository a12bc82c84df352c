"""The control plane /_sim/*: tells prices and time, makes things happen that no client asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from mqk.simulator.book import SETTINGS, Order
from mqk.simulator.drafts import is_market_open
from mqk.simulator.faults import Faults, read_fault
from mqk.simulator.judge import judge
from mqk.simulator.rest import Answer, Call, Rest
from mqk.simulator.rules import Refusal, not_found
from mqk.simulator.streams import Hub, reorder
from mqk.simulator.venue import Venue
from mqk.simulator.wire import derive_id, number, plain, read_time, stamp, write_json

Body = dict[str, Any]


class Control:
    """One method a word: `/_sim/<word>` takes a JSON object and gives one."""

    def __init__(self, venue: Venue, rest: Rest, faults: Faults, hub: Hub) -> None:
        self.venue, self.book, self.rest, self.faults, self.hub = (
            venue, venue.book, rest, faults, hub
        )  # fmt: skip
        self._words: dict[str, Callable[[Any], Any]] = {
            "quote": self.quote, "clock": self.clock, "set": self.set, "asset": self.asset,
            "order": self.order, "fill": self.fill, "bust": self.bust, "correct": self.correct,
            "status": self.status, "emit": self.emit, "replay": self.replay,
            "stream": self.stream, "drift": self.drift, "activity": self.activity,
            "account": self.account, "faults": self.queue, "state": self.state,
            "judge": lambda _: judge(self.book.ledger.path),
        }  # fmt: skip

    def serve(self, call: Call, word: str) -> Answer:
        """Obey one word. Raises Refusal; KeyError or ValueError for a bad body."""
        if word not in self._words:
            raise Refusal(404, None, f"unknown word; known: {', '.join(self._words)}")
        if word == "faults" and call.method == "DELETE":
            self.faults.queue.clear()
        body = call.read() if call.body else {}
        if word not in ("state", "judge", "faults"):
            self.book.put("control", word=word, body=body)
        return Answer(200, self._words[word](body))

    def find(self, body: Body) -> Order:
        """The order that a body names by order_id or client_order_id. Raises Refusal 404."""
        name = body.get("order_id") or self.book.by_client_id.get(body.get("client_order_id", ""))
        if name not in self.book.orders:
            raise not_found(str(name))
        return self.book.orders[name]

    def quote(self, body: Body) -> Body:
        """{symbol, price, size?}"""
        size = number(body["size"]) if body.get("size") is not None else None
        self.venue.quote(body["symbol"], self._positive(body["price"]), size)
        return {"price": plain(self.book.price(body["symbol"]) or Decimal(0))}

    def clock(self, body: Body) -> Body:
        """{to} or {advance_ms}; never back. An empty body only tells the time."""
        if body and self.book.clock:
            raise Refusal(409, None, "the clock is the real one")
        step = timedelta(milliseconds=body.get("advance_ms", 0))
        if body:
            to = read_time(body["to"]) if "to" in body else self.book.at + step
            self.venue.pass_time(to)
        return {"at": stamp(self.book.at), "is_open": is_market_open(self.book)}

    def set(self, body: Body) -> Body:
        """Any of the settings, by values of the same kind; then what can be routed or filled is."""
        for name, value in body.items():
            if name not in SETTINGS or type(value) is not type(SETTINGS[name]):
                raise Refusal(400, None, f"no such setting, or of another kind: {name}")
        for name, value in body.items():
            self.book.put("setting", name=name, value=value)
        self.venue.settle()
        return self.book.settings

    def asset(self, body: Body) -> Body:
        """{symbol, tradable?, shortable?, fractionable?}"""
        told = {k: v for k, v in body.items() if k != "symbol"}
        self.book.put("asset", symbol=body["symbol"], told=told)
        return self.book.assets[body["symbol"]]

    def order(self, body: Body) -> Order | Body:
        """An order that no client of ours sent; `count` takes that many, numbered."""
        told = {"type": "market", "time_in_force": "day", "extended_hours": False, **body}
        count = told.pop("count", 1)
        name = told.pop("client_order_id", None) or self.book.next_id("web")
        names = [name] if count == 1 else [f"{name}-{i}" for i in range(count)]
        orders = [self.venue.submit({**told, "client_order_id": n}, "control") for n in names]
        return orders[0] if count == 1 else {"orders": len(orders)}

    def fill(self, body: Body) -> Body:
        """{order_id | client_order_id, qty, price}: one execution, whatever the order's status."""
        order = self.find(body)
        return self.venue.fill(
            order["id"], self._positive(body["qty"]), self._positive(body["price"])
        )

    def bust(self, body: Body) -> Body:
        """{execution_id, negative?}"""
        return self.venue.bust(self._execution(body), negative=bool(body.get("negative")))

    def correct(self, body: Body) -> Body:
        """{execution_id, qty, price}"""
        qty, price = self._positive(body["qty"]), self._positive(body["price"])
        return self.venue.correct(self._execution(body), qty, price)

    def status(self, body: Body) -> Order:
        """{order_id | client_order_id, status, event?}: any status, known or not."""
        order = self.find(body)
        self.venue.set_status(order["id"], body["status"], body.get("event"))
        return self.book.orders[order["id"]]

    def emit(self, body: Body) -> Body:
        """{data}: a trade update as it is given; the books do not move."""
        return self.venue.tell(body["data"])

    def replay(self, body: Body) -> Body:
        """Send earlier events again: the `last` n or all, `times`; reverse, order or seed."""
        events = self.book.events[-body.get("last", len(self.book.events)) or None :]
        events = reorder(events, body) * body.get("times", 1)
        self.hub.push(events)
        return {"sent": len(events)}

    def stream(self, body: Body) -> Body:
        """{do: drop | freeze | thaw | refuse | accept | hold | release | lose | copies | comment}"""
        if body:
            self.hub.command(body)
        return self.hub.describe()

    def drift(self, body: Body) -> Body:
        """{symbol, qty} and/or {cash}: moved without a fill and without an activity."""
        told = {"cash": plain(number(body.get("cash", "0")))}
        if "symbol" in body:
            price = body.get("price") or plain(self.book.price(body["symbol"]) or Decimal(0))
            told |= {"symbol": body["symbol"], "signed_qty": plain(number(body["qty"]))}
            told["price"] = plain(number(price))
        self.book.put("adjustment", **told)
        return {"cash": plain(self.book.cash)}

    def activity(self, body: Body) -> Body:
        """{activity_type, net_amount?, symbol?, qty?, price?, at?}: shares cost price, or nothing."""
        at = stamp(read_time(body["at"]) if body.get("at") else self.book.at)
        row = {k: v for k, v in body.items() if k != "at"}
        execution_id = self.book.next_id("activity")
        row |= {"id": f"{at[:10].replace('-', '')}000000000::{execution_id}", "created_at": at,
                "date": at[:10], "status": "executed"}  # fmt: skip
        self.drift({"cash": body.get("net_amount", "0")}
                   | {k: body.get(k, "0") for k in ("symbol", "qty", "price")
                      if "qty" in body})  # fmt: skip
        self.book.put("activity", row=row)
        return row

    def account(self, body: Body) -> Body:
        """{account_id?, cash?}: another account behind the keys, or the same one reset."""
        told = self.book.opening
        cash = plain(number(body.get("cash", told["cash"])))
        open_account(
            self.venue, str(body.get("account_id", told["account_id"])), cash, told["seed"]
        )
        return self.book.opening

    def queue(self, body: Any) -> list[Body]:
        """A list of faults to queue; gives all that wait."""
        for fault in [read_fault(entry) for entry in body or []]:
            if fault.name == "stale":
                call = Call("GET", fault.path, fault.options.get("query", {}))
                fault.method, fault.options["answer"] = (
                    "GET",
                    write_json(self.rest.serve(call).body),
                )
            self.faults.queue.append(fault)
        shown = [fault.describe() for fault in self.faults.queue]
        return [{k: v for k, v in entry.items() if k != "answer"} for entry in shown]

    def state(self, body: Body) -> Body:
        """Everything that the books hold now."""
        book = self.book
        return {
            "at": stamp(book.at), "account": book.opening, "cash": plain(book.cash),
            "positions": {s: plain(h.qty) for s, h in book.holdings.items() if h.qty},
            "orders": list(book.orders.values()), "executions": list(book.executions.values()),
            "activities": book.activities, "events": len(book.events), "quotes": book.quotes,
            "settings": book.settings, "stream": self.hub.describe(), "faults": self.queue([]),
        }  # fmt: skip

    def _execution(self, body: Body) -> str:
        if body["execution_id"] not in self.book.executions:
            raise Refusal(404, None, "no such execution")
        if not self.book.executions[body["execution_id"]]["live"]:
            raise Refusal(409, None, "this execution was busted or corrected before")
        return str(body["execution_id"])

    def _positive(self, value: Any) -> Decimal:
        found = number(value)
        if found <= 0:
            raise ValueError("must be > 0")
        return found


def open_account(venue: Venue, account_id: str, cash: str, seed: int) -> None:
    """Begin with an account that holds nothing but cash (dollars, as text)."""
    short = derive_id("account number", account_id)[:8].upper()
    venue.book.put(
        "opening", account_id=account_id, account_number=f"PA{short}", cash=cash, seed=seed
    )
