"""Texts as Postgres writes them: jsonb, instants, digests, derived ids."""

import hashlib
import json
from datetime import datetime
from typing import Any

Row = dict[str, Any]


class Verbatim(str):
    """A number with a fraction, as it was written."""


def write(value: Any) -> str:
    """JSON as Postgres writes jsonb."""
    if isinstance(value, Verbatim):
        return str(value)
    if isinstance(value, dict):
        keys = sorted(value, key=lambda k: (len(k.encode()), k.encode()))
        return "{" + ", ".join(f"{write(k)}: {write(value[k])}" for k in keys) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(write, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def when(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def iso(at: Any) -> Any:
    """An instant as Postgres writes it in UTC; null stays null."""
    if at is None:
        return None
    at = when(at) if isinstance(at, str) else at
    fraction = f".{at.microsecond:06}".rstrip("0") if at.microsecond else ""
    return f"{at:%Y-%m-%dT%H:%M:%S}{fraction}+00:00"


def divide(a: int, b: int) -> int:
    """Towards zero."""
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def derive(kind: str, *parts: str) -> str:
    """The UUID that a thing is named by."""
    h = sha256("\n".join(("mqk.id.v1", kind, *parts)))
    h = h[:12] + "8" + h[13:16] + "a" + h[17:32]
    return "-".join((h[:8], h[8:12], h[12:16], h[16:20], h[20:]))
