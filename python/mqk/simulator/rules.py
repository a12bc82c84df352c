"""What the broker refuses, and with which words: the checks of an order before it is taken."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from mqk.simulator.book import Book, Holding, Order
from mqk.simulator.wire import ZERO, number, plain

TYPES = {"market": (), "limit": ("limit_price",), "stop": ("stop_price",),
         "stop_limit": ("limit_price", "stop_price")}  # fmt: skip
SYMBOL = re.compile(r"[A-Z]{1,5}(\.[A-Z]{1,2})?")
INVALID, UNPROCESSABLE, FORBIDDEN = 40010001, 42210000, 40310000


class Refusal(Exception):
    """The broker's no: HTTP status, code (None: no code in the body), message, more fields."""

    def __init__(self, status: int, code: int | None, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = ({} if code is None else {"code": code}) | {"message": message} | more


def not_found(what: str) -> Refusal:
    """404 for an order that is not there."""
    return Refusal(404, 40410000, f"order not found for {what}")


def check_shape(body: Any) -> None:
    """Fields that must be there, be known, and go together. Raises Refusal 400 or 422."""
    if not isinstance(body, dict):
        raise Refusal(400, 40010000, "request body format is invalid")
    if body.get("qty") is not None and body.get("notional") is not None:
        raise Refusal(400, 40010000, "only one of qty or notional is accepted")
    if body.get("notional") is not None:
        raise Refusal(422, UNPROCESSABLE, "notional orders are not simulated")
    if not isinstance(body.get("symbol"), str) or not SYMBOL.fullmatch(body["symbol"]):
        raise Refusal(422, INVALID, f"asset {body.get('symbol')!r} not found")
    for name, known in (("side", ("buy", "sell")), ("type", tuple(TYPES)),
                        ("time_in_force", ("day", "gtc"))):  # fmt: skip
        if body.get(name) not in known:
            raise Refusal(422, INVALID, f"{name} must be one of: {', '.join(known)}")
    if body.get("order_class") not in (None, "", "simple"):
        raise Refusal(422, INVALID, f"order_class {body['order_class']} is not simulated")
    if body.get("extended_hours") and body["type"] != "limit":
        raise Refusal(422, UNPROCESSABLE, "extended hours order must be a limit order")
    check_client_order_id(body.get("client_order_id"))


def check_client_order_id(name: Any) -> None:
    """At most 128 characters, or none given. Raises Refusal 422."""
    if name is not None and (not isinstance(name, str) or len(name) > 128):
        raise Refusal(422, INVALID, "client_order_id must be text of at most 128 characters")


def read_qty(value: Any) -> Decimal:
    """A quantity above zero. Raises Refusal 422."""
    try:
        qty = number(value)
    except ValueError:
        qty = ZERO
    if qty <= 0:
        raise Refusal(422, INVALID, "qty must be > 0")
    return qty


def read_price(name: str, value: Any) -> Decimal:
    """A price above zero: cents from one dollar on, four places below. Raises Refusal 422."""
    try:
        price = number(value)
    except ValueError:
        price = ZERO
    if price <= 0:
        raise Refusal(422, INVALID, f"{name} must be > 0")
    if price != price.quantize(Decimal("0.01") if price >= 1 else Decimal("0.0001")):
        why = "sub-penny increment does not fulfill minimum pricing criteria"
        raise Refusal(422, UNPROCESSABLE, f"invalid {name} {plain(price)}. {why}")
    return price


def read_prices(body: dict[str, Any]) -> dict[str, str | None]:
    """The prices that the order's type needs, as text; the other ones are None. Raises Refusal."""
    needed = TYPES[body["type"]]
    for name in needed:
        if body.get(name) is None:
            raise Refusal(422, INVALID, f"{body['type']} orders require {name}")
    for name in ("limit_price", "stop_price"):
        if name not in needed and body.get(name) is not None:
            raise Refusal(422, INVALID, f"{body['type']} orders must not have {name}")
    found = {name: plain(read_price(name, body[name])) for name in needed}
    return {name: found.get(name) for name in ("limit_price", "stop_price")}


def check_asset(book: Book, draft: Order) -> None:
    """Tradable, fractionable, shortable as the assets say. Raises Refusal 403 or 422."""
    symbol, asset = draft["symbol"], book.assets.get(draft["symbol"], {})
    if not asset.get("tradable", True):
        raise Refusal(422, UNPROCESSABLE, f"asset {symbol} is not tradable")
    whole = number(draft["qty"]) == number(draft["qty"]).to_integral_value()
    if not whole and not asset.get("fractionable", True):
        raise Refusal(403, FORBIDDEN, f'asset "{symbol}" is not fractionable')
    if not whole and draft["time_in_force"] != "day":
        raise Refusal(422, UNPROCESSABLE, "fractional orders must be DAY orders")
    if draft["side"] == "sell" and book.holdings.get(symbol, Holding()).qty <= 0:
        if not book.settings["shorting_enabled"]:
            raise Refusal(403, FORBIDDEN, "account is not allowed to short")
        if not asset.get("shortable", True) or not whole:
            raise Refusal(422, UNPROCESSABLE, f'asset "{symbol}" cannot be sold short')


def check_account(book: Book) -> None:
    """An account that is active and not blocked. Raises Refusal 403."""
    flags = ("account_blocked", "trading_blocked", "trade_suspended_by_user")
    if book.settings["status"] != "ACTIVE" or any(book.settings[flag] for flag in flags):
        raise Refusal(403, FORBIDDEN, "new orders are rejected by user request or account block")


def check_wash(book: Book, draft: Order, but: str | None = None) -> None:
    """No working order of ours on the other side that this one could meet. Raises Refusal 403."""
    for other in book.open_orders(draft["symbol"]):
        if other["side"] == draft["side"] or other["id"] == but:
            continue
        buy, sell = (draft, other) if draft["side"] == "buy" else (other, draft)
        limits = [order["limit_price"] for order in (buy, sell)]
        if None not in limits and number(limits[0]) < number(limits[1]):
            continue
        raise Refusal(
            403, FORBIDDEN, "potential wash trade detected. use complex orders",
            reject_reason=f"opposite side {other['type'].replace('_', ' ')} order exists",
            existing_order_id=other["id"],
        )  # fmt: skip


def leaves(order: Order) -> Decimal:
    """What is not filled yet."""
    return max(number(order["qty"]) - number(order["filled_qty"]), ZERO)


def held_qty(book: Book, symbol: str, side: str, but: str | None = None) -> Decimal:
    """Shares that open orders of a side already ask for."""
    open_orders = [o for o in book.open_orders(symbol) if o["side"] == side and o["id"] != but]
    return sum((leaves(o) for o in open_orders), ZERO)


def check_shares(book: Book, draft: Order, but: str | None = None) -> None:
    """A closing order may ask for no more than is held and not asked for. Raises Refusal 403."""
    have = book.holdings.get(draft["symbol"], Holding()).qty
    if have == 0 or (have > 0) == (draft["side"] == "buy"):
        return
    held = held_qty(book, draft["symbol"], draft["side"], but)
    available, wanted = abs(have) - held, number(draft["qty"])
    if wanted > available:
        text = f"(requested: {plain(wanted)}, available: {plain(available)})"
        raise Refusal(
            403, FORBIDDEN, f"insufficient qty available for order {text}",
            available=plain(available), existing_qty=plain(have), held_for_orders=plain(held),
            symbol=draft["symbol"],
        )  # fmt: skip


def value_of(book: Book, order: Order) -> Decimal:
    """Dollars that an opening order needs if it fills; a close needs none, no known price none."""
    have = book.holdings.get(order["symbol"], Holding()).qty
    if have != 0 and (have > 0) != (order["side"] == "buy"):
        return ZERO
    told = order["limit_price"] or order["stop_price"]
    price = number(told) if told else book.price(order["symbol"]) or ZERO
    return leaves(order) * price


def equity(book: Book) -> Decimal:
    """Cash and the value of all positions at the last price."""
    held = ((symbol, holding.qty) for symbol, holding in book.holdings.items())
    return book.cash + sum((qty * (book.price(symbol) or ZERO) for symbol, qty in held), ZERO)


def buying_power(book: Book, but: str | None = None) -> Decimal:
    """multiplier x equity - |positions| - what open orders need."""
    held = ((symbol, holding.qty) for symbol, holding in book.holdings.items())
    used = sum((abs(qty) * (book.price(symbol) or ZERO) for symbol, qty in held), ZERO)
    asked = sum((value_of(book, o) for o in book.open_orders() if o["id"] != but), ZERO)
    return equity(book) * number(book.settings["multiplier"]) - used - asked


def check_money(book: Book, draft: Order, but: str | None = None) -> None:
    """Enough buying power for an order that opens. Raises Refusal 403."""
    needed, there = value_of(book, draft), buying_power(book, but)
    if needed > there:
        raise Refusal(
            403, FORBIDDEN, "insufficient buying power",
            buying_power=plain(there), cost_basis=plain(needed),
        )  # fmt: skip
