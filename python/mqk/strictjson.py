"""JSON as we take it from strangers: numbers as the text that was sent, and nothing that is ambiguous."""

from __future__ import annotations

import json
from typing import Any, NoReturn


class Unreadable(Exception):
    """Text that is no JSON we trust, or an answer without the fields it must have."""


def parse(text: str | bytes) -> Any:
    """JSON with its numbers as text. Raises Unreadable: broken JSON or UTF-8, a key twice, NaN,
    Infinity, or characters that no database text can hold.
    """
    try:
        plain = text.decode("utf-8") if isinstance(text, bytes) else text
        value = json.loads(
            plain,
            parse_int=str,
            parse_float=str,
            parse_constant=_refuse_constant,
            object_pairs_hook=_refuse_twice,
        )
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # half a surrogate pair is no text
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not JSON: {type(error).__name__}") from None
    if "\\u0000" in plain:
        raise Unreadable("a character is nul")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise Unreadable(f"{name} is no number")


def _refuse_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    given = dict(pairs)
    if len(given) != len(pairs):
        raise Unreadable("a key is given twice")
    return given
