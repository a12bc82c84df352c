"""Lists that come in pages: orders by submission time, fills by page token."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from mqk.brokers import Unsure
from mqk.brokers.alpaca.models import Activity, Order, Unreadable, read
from mqk.brokers.alpaca.rest import Rest

ORDERS_PAGE, FILLS_PAGE = 500, 100  # the most that the broker gives
PAGES = 100  # more than this is not a list but a loop
STEP = timedelta(microseconds=1)
LONGEST_FRACTION = re.compile(r"(\.\d{6})\d+")

Listed = tuple[Order, Any]  # the order, and all that the broker said about it


def read_instant(text: str | None) -> datetime:
    """An instant, cut to microseconds. Raises Unreadable."""
    try:
        instant = datetime.fromisoformat(LONGEST_FRACTION.sub(r"\1", text or ""))
    except ValueError:
        raise Unreadable("a time is not one") from None
    if instant.tzinfo is None:
        raise Unreadable("a time has no offset")
    return instant


def format_instant(instant: datetime) -> str:
    """An instant in UTC as the broker takes it, to the microsecond."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def list_orders(rest: Rest, status: str, after: datetime | None = None) -> list[Listed]:
    """All orders of a status (open, all), oldest first, submitted later than `after` if given.

    A page begins a microsecond before the last one ended, so that orders of the same instant are not
    lost between two pages. Raises NotSent, Unauthorized, Unsure.
    """
    found: dict[str, Listed] = {}
    since = after
    for _ in range(PAGES):
        query = {
            "status": status,
            "limit": str(ORDERS_PAGE),
            "direction": "asc",
            "nested": "false",
            **({"after": format_instant(since)} if since else {}),
        }
        page = rest.get("/v2/orders", query)
        try:
            orders: list[Order] = read(list[Order], page)
            known = len(found)
            found.update({o.id: (o, raw) for o, raw in zip(orders, page, strict=True)})
            if len(orders) < ORDERS_PAGE:
                return list(found.values())
            since = read_instant(orders[-1].submitted_at or orders[-1].created_at) - STEP
        except Unreadable as error:
            raise Unsure(f"GET /v2/orders: {error}") from None
        if len(found) == known:
            break
    raise Unsure("the list of orders has no end")


def list_fill_pages(rest: Rest, after: datetime, until: datetime) -> Iterator[list[Any]]:
    """Pages of the account's fills booked after one instant up to another, oldest first, unread."""
    token: str | None = None
    for _ in range(PAGES):
        query = {
            "after": format_instant(after),
            "until": format_instant(until),
            "direction": "asc",
            "page_size": str(FILLS_PAGE),
            **({"page_token": token} if token else {}),
        }
        page = rest.get("/v2/account/activities/FILL", query)
        if not isinstance(page, list):
            raise Unsure("GET /v2/account/activities/FILL: not a list")
        yield page
        if len(page) < FILLS_PAGE:
            return
        try:
            last: Activity = read(Activity, page[-1])
        except Unreadable as error:
            raise Unsure(f"GET /v2/account/activities/FILL: {error}") from None
        if last.id == token:
            break
        token = last.id
    raise Unsure("the list of fills has no end")
