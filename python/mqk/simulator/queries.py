"""Lists of orders and activities: filters, order, pages. Bad parameters are refused with 422."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from mqk.simulator.book import TERMINAL, Book, Order
from mqk.simulator.ledger import Record
from mqk.simulator.rules import INVALID, Refusal, not_found
from mqk.simulator.wire import read_time

Query = Mapping[str, str]


def list_orders(book: Book, query: Query) -> list[Order]:
    """GET /v2/orders: open by default, newest first, 50 of at most 500."""
    status = _choice(query, "status", ("open", "closed", "all"))
    descends = _choice(query, "direction", ("desc", "asc")) == "desc"
    found = [o for o in book.orders.values() if o["id"] not in book.settings["hidden"]]
    if status != "all":
        found = [o for o in found if (o["status"] in TERMINAL) == (status == "closed")]
    if symbols := query.get("symbols"):
        found = [o for o in found if o["symbol"] in symbols.split(",")]
    if side := query.get("side"):
        found = [o for o in found if o["side"] == side]
    found = _between_times(found, query, "submitted_at")
    found = _between_orders(book, found, query)
    found = found[::-1] if descends else found
    return found[: _count(query, "limit", 50, 500)]


def list_activities(book: Book, query: Query, kind: str | None = None) -> list[Record]:
    """GET /v2/account/activities: newest first, pages of at most 100, `page_token` the last id."""
    kinds = (kind or query.get("activity_types") or "").split(",")
    rows = sorted(book.activities, key=lambda row: (moment(row), row["id"]))
    if kinds != [""]:
        rows = [row for row in rows if row["activity_type"] in kinds]
    if order_id := query.get("order_id"):
        rows = [row for row in rows if row.get("order_id") == order_id]
    if day := query.get("date"):
        start = _time(day, "date")
        rows = [r for r in rows if start <= moment(r) < start + timedelta(days=1)]
    rows = [r for r in rows if _is_between(moment(r), query)]
    if _choice(query, "direction", ("desc", "asc")) == "desc":
        rows.reverse()
    if token := query.get("page_token"):
        ids = [row["id"] for row in rows]
        rows = rows[ids.index(token) + 1 :] if token in ids else []
    return rows[: _count(query, "page_size", 100, 100)]


def moment(row: Record) -> datetime:
    """When an activity happened, as its row says."""
    return read_time(row.get("transaction_time") or row["created_at"])


def _choice(query: Query, name: str, known: tuple[str, ...]) -> str:
    value = query.get(name) or known[0]
    if value not in known:
        raise Refusal(422, INVALID, f"{name} must be one of: {', '.join(known)}")
    return value


def _count(query: Query, name: str, default: int, most: int) -> int:
    text = query.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= most:
        raise Refusal(422, INVALID, f"{name} must be in 1..{most}")
    return int(text)


def _time(text: str, name: str) -> datetime:
    try:
        return read_time(text)
    except ValueError:
        raise Refusal(422, INVALID, f"{name} is not a time") from None


def _is_between(at: datetime, query: Query) -> bool:
    after, until = query.get("after"), query.get("until")
    late_enough = not after or at > _time(after, "after")
    return late_enough and (not until or at < _time(until, "until"))


def _between_times(found: list[Order], query: Query, name: str) -> list[Order]:
    for bound in ("after", "until"):
        if query.get(bound):
            _time(query[bound], bound)
    return [order for order in found if _is_between(read_time(order[name]), query)]


def _between_orders(book: Book, found: list[Order], query: Query) -> list[Order]:
    before, after = query.get("before_order_id"), query.get("after_order_id")
    if (before and after) or ((before or after) and (query.get("after") or query.get("until"))):
        raise Refusal(422, INVALID, "give one of before_order_id, after_order_id, after/until")
    ids = list(book.orders)
    for bound, earlier in ((before, True), (after, False)):
        if bound and bound not in ids:
            raise not_found(bound)
        if bound:
            place = ids.index(bound)
            wanted = set(ids[:place] if earlier else ids[place + 1 :])
            found = [order for order in found if order["id"] in wanted]
    return found
