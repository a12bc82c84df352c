"""Numbers, times and ids as Alpaca writes them. Numbers are Decimal here and text outside, never float."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

NAMESPACE = UUID("4b1c1b0e-6f0a-5d1e-9c55-6d716b73696d")
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
DIGITS = Decimal("0.000000001")  # nine places: as many as the broker's own numbers have
ZERO = Decimal(0)


def number(value: Any) -> Decimal:
    """An exact number from text, an int or a Decimal. Raises ValueError."""
    if isinstance(value, bool | float) or value is None:
        raise ValueError(f"not a number: {value!r}")
    try:
        found = Decimal(str(value))
    except ArithmeticError as error:
        raise ValueError(f"not a number: {value!r}") from error
    if not found.is_finite() or abs(found) > Decimal(10) ** 15:
        raise ValueError(f"not a number: {value!r}")
    return found


def plain(value: Decimal) -> str:
    """Text of at most nine places, without an exponent or ending zeros: 62.5, 0, -10."""
    text = format(value.quantize(DIGITS), "f").rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


def cents(value: Decimal) -> str:
    """Text of dollars with two places."""
    return format(value.quantize(Decimal("0.01")), "f")


def read_json(text: str | bytes) -> Any:
    """JSON with exact numbers. Raises ValueError."""
    return json.loads(text, parse_float=Decimal, parse_constant=_no_constant)


def _no_constant(name: str) -> Any:
    raise ValueError(f"not JSON: {name}")


def write_json(value: Any) -> str:
    """One line of JSON; a Decimal becomes text."""
    return json.dumps(value, default=_as_text, separators=(",", ":"))


def _as_text(value: Any) -> str:
    return plain(value) if isinstance(value, Decimal) else str(value)


def derive_id(*parts: object) -> str:
    """The same uuid for the same parts, always."""
    return str(uuid5(NAMESPACE, ":".join(map(str, parts))))


def derive_ulid(at: datetime, count: int) -> str:
    """26 characters that sort by time (ms), then by count."""
    value = (int(at.timestamp() * 1000) << 80) | count
    return "".join(CROCKFORD[(value >> (5 * i)) & 31] for i in reversed(range(26)))


def stamp(at: datetime) -> str:
    """RFC 3339 in UTC with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def read_time(text: str) -> datetime:
    """RFC 3339 or a day, in UTC if it names no zone; beyond microseconds cut off. Raises ValueError."""
    at = datetime.fromisoformat(text.strip().replace(" ", "+"))
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def in_new_york(at: datetime) -> datetime:
    """The same moment in New York: summer time from March's second to November's first Sunday, 2 h."""
    year = at.astimezone(UTC).year
    begins = _sunday(year, 3, 2) + timedelta(hours=7)
    ends = _sunday(year, 11, 1) + timedelta(hours=6)
    hours = -4 if begins <= at < ends else -5
    return at.astimezone(timezone(timedelta(hours=hours)))


def _sunday(year: int, month: int, which: int) -> datetime:
    first = datetime(year, month, 1, tzinfo=UTC)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (which - 1))
