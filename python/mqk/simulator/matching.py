"""Which orders a quote fills, at what price, and how many shares: the same every time."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from mqk.simulator.book import WORKING, Book, Order
from mqk.simulator.rules import leaves
from mqk.simulator.wire import number, plain


def list_executions(book: Book, symbol: str) -> Iterator[tuple[str, Decimal, Decimal]]:
    """(order id, shares, price) of what fills now, oldest order first; takes from the quote's size."""
    quote = book.quotes.get(symbol)
    if quote is None:
        return
    price = number(quote["price"])
    for order in [o for o in book.open_orders(symbol) if o["status"] in WORKING]:
        if not is_marketable(book, order, price):
            continue
        qty = leaves(order)
        if book.quotes[symbol]["size"] is not None:
            qty = min(qty, number(book.quotes[symbol]["size"]))
        if qty <= 0:
            return
        if book.quotes[symbol]["size"] is not None:
            book.put("taken", symbol=symbol, qty=plain(qty))
        yield order["id"], qty, price


def is_marketable(book: Book, order: Order, price: Decimal) -> bool:
    """Whether an order would trade at a price; a stop that is reached is written down once."""
    buys = order["side"] == "buy"
    if order["stop_price"] is not None and order["id"] not in book.triggered:
        stop = number(order["stop_price"])
        if price < stop if buys else price > stop:
            return False
        book.put("trigger", order_id=order["id"])
    limit = limit_of(order)
    return limit is None or (price <= limit if buys else price >= limit)


def limit_of(order: Order) -> Decimal | None:
    """The worst price: the order's own; a buy stop's is 4 % (below 50) or 2.5 % above its stop."""
    if order["limit_price"] is not None:
        return number(order["limit_price"])
    if order["type"] == "stop" and order["side"] == "buy":
        stop = number(order["stop_price"])
        return stop * Decimal("1.04" if stop < 50 else "1.025")
    return None


def slice_qty(qty: Decimal, parts: int) -> list[Decimal]:
    """Whole shares in at most `parts` parts, the last takes the rest: 100 in 3 is 33, 33, 34."""
    each = (qty / parts).to_integral_value(rounding="ROUND_FLOOR")
    if parts <= 1 or each < 1:
        return [qty]
    return [each] * (parts - 1) + [qty - each * (parts - 1)]
