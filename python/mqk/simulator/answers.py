"""The bodies of account, positions, assets and their kin, made from the book."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from mqk.simulator.book import Book, Holding
from mqk.simulator.rules import SYMBOL, Refusal, buying_power, equity, held_qty
from mqk.simulator.wire import ZERO, cents, derive_id, number, plain

Answer = dict[str, Any]


def account_answer(book: Book) -> Answer:
    """GET /v2/account."""
    told, settings = book.opening, book.settings
    held = [(h.qty, book.price(symbol) or ZERO) for symbol, h in book.holdings.items()]
    longs = sum((qty * price for qty, price in held if qty > 0), ZERO)
    shorts = sum((qty * price for qty, price in held if qty < 0), ZERO)
    all_of_it = longs - shorts
    margin = cents(all_of_it / number(settings["multiplier"]))
    flags = ("account_blocked", "trading_blocked", "transfers_blocked", "trade_suspended_by_user",
             "shorting_enabled", "status", "multiplier")  # fmt: skip
    power = cents(max(buying_power(book), ZERO))
    return {
        "id": told["account_id"],
        "account_number": told["account_number"],
        "created_at": told["at"],
        "currency": "USD",
        "crypto_status": "INACTIVE",
        "balance_asof": told["at"][:10],
        "cash": cents(book.cash),
        "equity": cents(equity(book)),
        "portfolio_value": cents(equity(book)),
        "last_equity": cents(number(told["cash"])),
        "long_market_value": cents(longs),
        "short_market_value": cents(shorts),
        "position_market_value": cents(all_of_it),
        "initial_margin": margin,
        "maintenance_margin": margin,
        "last_maintenance_margin": "0",
        **dict.fromkeys(("buying_power", "regt_buying_power", "effective_buying_power"), power),
        "non_marginable_buying_power": cents(max(min(book.cash, number(power)), ZERO)),
        "options_buying_power": "0",
        **dict.fromkeys(("options_approved_level", "options_trading_level"), 0),
        **dict.fromkeys(
            ("accrued_fees", "pending_reg_taf_fees", "intraday_adjustments", "sma"), "0"
        ),
        **{flag: settings[flag] for flag in flags},
    }


def configurations_answer(book: Book) -> Answer:
    """GET /v2/account/configurations."""
    return {
        "fractional_trading": True,
        "max_margin_multiplier": book.settings["multiplier"],
        "no_shorting": not book.settings["shorting_enabled"],
        "suspend_trade": book.settings["trade_suspended_by_user"],
        "trade_confirm_email": "none",
        "ptp_no_exception_entry": False,
        "disable_overnight_trading": True,
        "max_options_trading_level": 0,
    }


def position_answer(book: Book, symbol: str) -> Answer:
    """GET /v2/positions/{symbol}. Raises Refusal 404 if nothing is held."""
    holding = book.holdings.get(symbol, Holding())
    if holding.qty == 0:
        raise Refusal(404, 40410000, "position does not exist")
    price = book.price(symbol) or ZERO
    value = holding.qty * price
    gain = value - holding.cost
    share = plain(gain / abs(holding.cost)) if holding.cost else "0"
    held = held_qty(book, symbol, "sell" if holding.qty > 0 else "buy")
    return {
        "asset_id": derive_id("asset", symbol),
        "symbol": symbol,
        "exchange": "NASDAQ",
        "asset_class": "us_equity",
        "asset_marginable": True,
        "qty": plain(holding.qty),
        "qty_available": plain((abs(holding.qty) - held).copy_sign(holding.qty)),
        "side": "long" if holding.qty > 0 else "short",
        "avg_entry_price": plain((holding.cost / holding.qty).quantize(Decimal("0.000001"))),
        "cost_basis": plain(holding.cost),
        "market_value": plain(value),
        "current_price": plain(price),
        "lastday_price": plain(price),
        "change_today": "0",
        **dict.fromkeys(("unrealized_pl", "unrealized_intraday_pl"), plain(gain)),
        **dict.fromkeys(("unrealized_plpc", "unrealized_intraday_plpc"), share),
    }


def positions_answer(book: Book) -> list[Answer]:
    """GET /v2/positions."""
    return [position_answer(book, s) for s, h in sorted(book.holdings.items()) if h.qty]


def asset_answer(book: Book, name: str) -> Answer:
    """GET /v2/assets/{symbol or id}; every well-formed symbol is one. Raises Refusal 404."""
    known = {derive_id("asset", symbol): symbol for symbol in list_symbols(book)}
    symbol = known.get(name, name)
    if not SYMBOL.fullmatch(symbol):
        raise Refusal(404, 40410000, f"asset not found for {name}")
    return {
        "id": derive_id("asset", symbol),
        "class": "us_equity",
        "exchange": "NASDAQ",
        "symbol": symbol,
        "name": f"{symbol} Common Stock",
        "status": "active",
        "borrow_status": "easy_to_borrow",
        "easy_to_borrow": True,
        "margin_requirement_long": "50",
        "margin_requirement_short": "50",
        "attributes": [],
        **dict.fromkeys(("tradable", "marginable", "shortable", "fractionable"), True),
        **book.assets.get(symbol, {}),
    }


def list_symbols(book: Book) -> list[str]:
    """Symbols that were told, ordered or held."""
    ordered = {order["symbol"] for order in book.orders.values()}
    return sorted({*book.quotes, *book.assets, *book.holdings, *ordered})
