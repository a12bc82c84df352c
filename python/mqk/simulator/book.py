"""The broker's books, a fold over the ledger: what is written is applied, a restart applies it again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from mqk.clock import Clock
from mqk.simulator.ledger import Ledger, Record, read_ledger
from mqk.simulator.wire import ZERO, derive_id, number, plain, read_time, stamp

Order = dict[str, Any]
TERMINAL = frozenset({"filled", "canceled", "expired", "rejected", "replaced"})
WORKING = frozenset({"new", "partially_filled"})
SETTINGS: Record = {
    "hours": "calendar",  # calendar | open | closed
    "auto": True,  # fill what is marketable at the quote
    "slices": 1,  # executions that one fill is cut into
    "per_minute": 200,  # the rate limit that the headers tell
    "enforced": False,  # whether more than that is answered 429
    "skew_ms": 0,  # how far /v2/clock is off
    "connections": 0,  # stream connections at a time; 0: no limit
    "multiplier": "2",
    "shorting_enabled": True,
    "status": "ACTIVE",
    "account_blocked": False,
    "trading_blocked": False,
    "transfers_blocked": False,
    "trade_suspended_by_user": False,
    "hidden": [],  # ids of orders that the broker has lost
}


@dataclass
class Holding:
    """Signed shares and their signed cost; a close takes cost in proportion."""

    qty: Decimal = ZERO
    cost: Decimal = ZERO

    def trade(self, qty: Decimal, price: Decimal) -> None:
        """Book signed shares at a price."""
        closes = ZERO
        if self.qty * qty < 0:
            closes = min(abs(self.qty), abs(qty)).copy_sign(qty)
            self.cost += self.cost * closes / self.qty
        self.qty += qty
        self.cost += (qty - closes) * price


@dataclass
class Book:
    """State of one account. `clock` None: time stands, and each record is 1 ms after the one before."""

    ledger: Ledger
    clock: Clock | None = None
    at: datetime = field(default_factory=lambda: read_time("2026-10-08T15:10:00Z"))
    count: int = 0  # records so far; ids are derived from it
    opening: Record = field(default_factory=dict)
    cash: Decimal = ZERO
    orders: dict[str, Order] = field(default_factory=dict)
    open_ids: dict[str, None] = field(default_factory=dict)  # orders that have not ended
    by_client_id: dict[str, str] = field(default_factory=dict)  # the latest order of that name
    executions: dict[str, Record] = field(default_factory=dict)
    executed: dict[str, list[Record]] = field(default_factory=dict)  # order id -> executions
    moves: dict[str, list[Record]] = field(default_factory=dict)  # symbol -> what moved shares
    holdings: dict[str, Holding] = field(default_factory=dict)
    activities: list[Record] = field(default_factory=list)
    events: list[Record] = field(default_factory=list)
    quotes: dict[str, Record] = field(default_factory=dict)
    assets: dict[str, Record] = field(default_factory=dict)
    triggered: set[str] = field(default_factory=set)
    settings: Record = field(default_factory=lambda: dict(SETTINGS))

    def put(self, kind: str, **fields: Any) -> Record:
        """Write a record and apply it; time and number are given here."""
        step = timedelta(milliseconds=1)
        self.at = self.at + step if self.clock is None else max(self.at, self.clock())
        record = {"n": self.count + 1, "at": stamp(self.at), "kind": kind, **fields}
        self.ledger.add(record)
        self.apply(record)
        return record

    def apply(self, record: Record) -> None:
        """Change the state as a record says; kinds that move nothing are only counted."""
        self.count = record["n"]
        self.at = max(self.at, read_time(record["at"]))
        rule: Callable[[Record], None] | None = getattr(self, f"_on_{record['kind']}", None)
        if rule:
            rule(record)

    def replay(self, path: Path) -> None:
        """Apply every record of a ledger."""
        for record in read_ledger(path):
            self.apply(record)

    def next_id(self, *parts: object) -> str:
        """An id that no other record has, the same in every run with the same seed."""
        return derive_id(self.opening.get("seed", 0), self.opening.get("n"), self.count, *parts)

    def price(self, symbol: str) -> Decimal | None:
        """The last price told, else the last one traded."""
        if symbol in self.quotes:
            return number(self.quotes[symbol]["price"])
        traded = [move for move in self.moves.get(symbol, []) if "effect" in move]
        return number(traded[-1]["price"]) if traded else None

    def list_fills(self, order_id: str) -> list[Record]:
        """The executions of an order that count: not busted, and as corrected."""
        return [e for e in self.executed.get(order_id, []) if e["live"]]

    def open_orders(self, symbol: str | None = None) -> list[Order]:
        """Orders that have not ended, oldest first."""
        found = [self.orders[order_id] for order_id in self.open_ids]
        return [order for order in found if symbol in (None, order["symbol"])]

    def _on_opening(self, record: Record) -> None:
        """A new account, or the same after a reset: nothing of the old one stays but its prices."""
        self.opening, self.cash = record, number(record["cash"])
        self.settings = dict(SETTINGS) | record.get("settings", {})
        for table in (self.orders, self.open_ids, self.by_client_id, self.executions, self.executed,
                      self.moves, self.holdings, self.activities, self.triggered):  # fmt: skip
            table.clear()

    def _on_order(self, record: Record) -> None:
        order = record["order"]
        self.orders[order["id"]] = dict(order)
        if order["status"] in TERMINAL:
            self.open_ids.pop(order["id"], None)
        else:
            self.open_ids[order["id"]] = None
        self.by_client_id[order["client_order_id"]] = order["id"]

    def _on_execution(self, record: Record) -> None:
        """A fill, or a bust or correction that takes the place of an earlier one."""
        execution = {k: v for k, v in record.items() if k not in ("n", "kind", "last")}
        execution["live"] = execution["effect"] != "bust"
        before = self.executions.get(execution.get("previous_execution_id") or "")
        if before:
            before["live"] = False
            self.cash += number(before["signed_qty"]) * number(before["price"])
        self.executions[execution["execution_id"]] = execution
        self.executed.setdefault(execution["order_id"], []).append(execution)
        moves = self.moves.setdefault(execution["symbol"], [])
        moves.append(execution)
        if execution["live"]:
            self.cash -= number(execution["signed_qty"]) * number(execution["price"])
        self._rebuild(execution["symbol"], whole=before is not None)

    def _on_adjustment(self, record: Record) -> None:
        """Shares or cash that no fill explains."""
        self.cash += number(record.get("cash", "0"))
        if record.get("symbol"):
            self.moves.setdefault(record["symbol"], []).append({**record, "live": True})
            self._rebuild(record["symbol"], whole=False)

    def _rebuild(self, symbol: str, *, whole: bool) -> None:
        moves = self.moves[symbol]
        if whole or symbol not in self.holdings:
            self.holdings[symbol] = Holding()
        for move in moves if whole else moves[-1:]:
            if move["live"]:
                self.holdings[symbol].trade(number(move["signed_qty"]), number(move["price"]))

    def _on_activity(self, record: Record) -> None:
        self.activities.append(record["row"])

    def _on_event(self, record: Record) -> None:
        self.events.append(record["event"])

    def _on_quote(self, record: Record) -> None:
        self.quotes[record["symbol"]] = {k: record[k] for k in ("price", "size")}

    def _on_taken(self, record: Record) -> None:
        quote = self.quotes[record["symbol"]]
        quote["size"] = plain(number(quote["size"]) - number(record["qty"]))

    def _on_trigger(self, record: Record) -> None:
        self.triggered.add(record["order_id"])

    def _on_setting(self, record: Record) -> None:
        self.settings[record["name"]] = record["value"]

    def _on_asset(self, record: Record) -> None:
        self.assets[record["symbol"]] = {**self.assets.get(record["symbol"], {}), **record["told"]}

    def _on_clock(self, record: Record) -> None:
        self.at = max(self.at, read_time(record["to"]))
