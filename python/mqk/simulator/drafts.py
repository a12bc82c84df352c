"""Orders before they are taken: read from a request, checked, with all their fields."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mqk.simulator import hours
from mqk.simulator.book import Book, Order
from mqk.simulator.rules import (
    INVALID,
    UNPROCESSABLE,
    Refusal,
    check_account,
    check_asset,
    check_client_order_id,
    check_money,
    check_shape,
    check_shares,
    check_wash,
    leaves,
    read_prices,
    read_qty,
)  # fmt: skip
from mqk.simulator.wire import derive_id, number, plain, stamp

GIVEN = ("symbol", "side", "type", "time_in_force", "client_order_id", "extended_hours")
EMPTY = (
    "filled_at", "canceled_at", "expired_at", "replaced_at", "failed_at", "replaced_by",
    "replaces", "filled_avg_price", "notional", "legs", "hwm", "trail_percent", "trail_price",
    "source", "subtag",
)  # fmt: skip


def is_market_open(book: Book) -> bool:
    """Whether orders are routed now: by the calendar, or as it was told."""
    told = book.settings["hours"]
    return bool(hours.is_open(book.at) if told == "calendar" else told == "open")


def draft_order(book: Book, body: Any, *, dedupe: bool) -> Order:
    """The order that a POST asks for. Raises Refusal."""
    check_shape(body)
    prices, qty = read_prices(body), plain(read_qty(body.get("qty")))
    check_unique(book, body.get("client_order_id"), dedupe=dedupe)
    draft = blank_order(book, {key: body.get(key) for key in GIVEN} | prices | {"qty": qty})
    check_account(book)
    for rule in (check_asset, check_wash, check_shares, check_money):
        rule(book, draft)
    return draft


def draft_successor(book: Book, old: Order, body: dict[str, Any], *, dedupe: bool) -> Order:
    """The order that a PATCH puts in the place of `old`: its own qty, or what `old` has left.

    Raises Refusal.
    """
    name = body.get("client_order_id")
    check_client_order_id(name)
    check_unique(book, name, dedupe=dedupe)
    given = {key: old[key] for key in GIVEN} | {"client_order_id": name}
    given["time_in_force"] = body.get("time_in_force") or old["time_in_force"]
    if given["time_in_force"] not in ("day", "gtc"):
        raise Refusal(422, INVALID, "time_in_force must be one of: day, gtc")
    given["qty"] = plain(read_qty(body.get("qty") or plain(leaves(old))))
    if body.get("qty") and number(given["qty"]) % 1:
        raise Refusal(422, UNPROCESSABLE, "qty must be whole shares")
    prices = ("limit_price", "stop_price")
    asked = {key: body.get(key) if body.get(key) is not None else old[key] for key in prices}
    draft = blank_order(book, given | read_prices(given | asked))
    draft |= {"replaces": old["id"], "status": "pending_new"}
    check_asset(book, draft)
    for rule in (check_wash, check_shares, check_money):
        rule(book, draft, old["id"])
    return draft


def check_unique(book: Book, name: str | None, *, dedupe: bool) -> None:
    """A client_order_id is taken once, whatever became of its order. Raises Refusal 422."""
    if dedupe and name in book.by_client_id:
        raise Refusal(422, INVALID, "client_order_id must be unique")


def blank_order(book: Book, given: dict[str, Any]) -> Order:
    """All fields of an order that nothing has happened to yet."""
    have = book.holdings.get(given["symbol"])
    closes = bool(have and have.qty and (have.qty > 0) != (given["side"] == "buy"))
    now = stamp(book.at)
    return {
        **dict.fromkeys(EMPTY),
        **given,
        "id": book.next_id("order"),
        "client_order_id": given["client_order_id"] or book.next_id("client"),
        "asset_id": derive_id("asset", given["symbol"]),
        "asset_class": "us_equity",
        "order_class": "",
        "order_type": given["type"],
        "extended_hours": bool(given["extended_hours"]),
        "position_intent": f"{given['side']}_to_{'close' if closes else 'open'}",
        "filled_qty": "0",
        "status": "pending_new" if is_market_open(book) else "accepted",
        "created_at": now,
        "submitted_at": now,
        "updated_at": now,
        "expires_at": stamp(expiry(book.at, given["time_in_force"])),
    }


def expiry(at: datetime, time_in_force: str) -> datetime:
    """The close of the session that is open or opens next; for gtc that of the ninetieth."""
    return hours.next_session(at, 0 if time_in_force == "day" else 89).closes_at
