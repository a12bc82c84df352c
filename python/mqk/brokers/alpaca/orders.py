"""Requests for orders: the terms of a permit as Alpaca takes them, all numbers as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mqk.brokers.alpaca.models import Order

MICROS = 1_000_000


def order_body(permit: Mapping[str, Any]) -> dict[str, str]:
    """A permit as a new order."""
    return {
        "symbol": str(permit["symbol"]),
        "side": find_side(permit),
        "type": str(permit["order_type"]).lower(),
        **change_terms(permit),
    }


def replace_body(permit: Mapping[str, Any]) -> dict[str, str]:
    """A permit as other terms for a working order; without a name of ours it would get one of theirs."""
    return change_terms(permit)


def change_terms(permit: Mapping[str, Any]) -> dict[str, str]:
    """The terms that a replacement may change, and our name."""
    prices = {
        name: format_price(permit[f"{name}_micros"])
        for name in ("limit_price", "stop_price")
        if permit.get(f"{name}_micros") is not None
    }
    return {
        "qty": str(abs(int(permit["order_qty"]))),
        "time_in_force": str(permit["time_in_force"]).lower(),
        "client_order_id": str(permit["client_order_id"]),
        **prices,
    }


def find_side(permit: Mapping[str, Any]) -> str:
    """buy for plus, sell for minus."""
    return "buy" if int(permit["order_qty"]) > 0 else "sell"


def format_price(micros: int) -> str:
    """Micros of a positive price as decimal text, exactly, with two digits or more."""
    whole, fraction = divmod(micros, MICROS)
    return f"{whole}.{f'{fraction:06}'.rstrip('0').ljust(2, '0')}"


def is_same_order(order: Order, permit: Mapping[str, Any]) -> bool:
    """Whether the broker's order is what a permit asks for: symbol, side, quantity, type, prices."""
    asked = order_body(permit)
    names = ("symbol", "side", "type", "qty", "limit_price", "stop_price")
    return all(strip_zeros(getattr(order, name)) == strip_zeros(asked.get(name)) for name in names)


def strip_zeros(number: str | None) -> str | None:
    """100.00 as 100."""
    if number is None or "." not in number:
        return number
    return number.rstrip("0").rstrip(".")
