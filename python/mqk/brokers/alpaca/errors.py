"""What an answer without success means: refused, certainly not taken, or nobody knows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx

from mqk.brokers import NotSent, Refused, Unauthorized, Unsure
from mqk.brokers.alpaca.keys import Keys
from mqk.brokers.alpaca.models import Trouble, Unreadable, parse, read

AFTER_RESET = timedelta(seconds=1)  # the broker's clock and ours are not the same
NO_RESET = timedelta(seconds=60)  # its window, where it does not say when that ends
BODY = 100_000  # bytes of an answer that are looked at
SHOWN = 200  # characters of a message, and of its body, that an error repeats


class Duplicate(Exception):
    """The broker has an order of this name already."""


class Absent(Exception):
    """The broker says that there is no such thing."""


def judge_failure(error: Exception) -> Exception:
    """A request without an answer: NotSent if it never left this machine, otherwise Unsure."""
    before = (
        httpx.ConnectError,
        httpx.ConnectTimeout,
        httpx.PoolTimeout,
        httpx.UnsupportedProtocol,
        httpx.InvalidURL,
    )
    kind = type(error).__name__
    if isinstance(error, before):
        return NotSent(f"no connection: {kind}")
    return Unsure(f"no answer: {kind}")


def judge_answer(answer: httpx.Response, keys: Keys, now: datetime) -> Exception | None:
    """An answer that is no success, as the exception it stands for; None for a success."""
    status = answer.status_code
    if 200 <= status < 300:
        return None
    trouble = read_trouble(answer)
    said = f"{status} {describe(answer, trouble, keys)}"
    code = (trouble.code or "") if trouble else ""
    if status == 429:
        return NotSent(said, find_reset(answer, now) + AFTER_RESET)
    if status == 401 or (status == 403 and not code.startswith("403")):
        return Unauthorized(said)
    if status == 422 and code == "40010001" and "must be unique" in describe(answer, trouble, keys):
        return Duplicate(said)
    if status in (400, 403, 422):
        return Refused(said)
    if status == 404 and trouble:
        return Absent(said)
    return Unsure(said)


def read_trouble(answer: httpx.Response) -> Trouble | None:
    """The body of a refusal, or None when a stranger wrote it (a gateway's HTML, nothing)."""
    try:
        trouble: Trouble = read(Trouble, parse(answer.content))
    except Unreadable:
        return None
    return trouble


def describe(answer: httpx.Response, trouble: Trouble | None, keys: Keys) -> str:
    """What was said, in short and without a key: the broker's message, then the body."""
    text = keys.redact(answer.content[:BODY].decode("utf-8", "replace"))
    body = ascii(text)[1:-1][:SHOWN]
    if trouble is None:
        return f"without a message: {body}"
    return f"{trouble.code or 'no code'}: {keys.redact(trouble.message)[:SHOWN]} | {body}"


def find_reset(answer: httpx.Response, now: datetime) -> datetime:
    """When the broker's rate limit is full again: its header, else Retry-After, else a minute on."""
    reset = read_number(answer, "X-RateLimit-Reset")
    if reset is not None:
        return datetime.fromtimestamp(reset, UTC)
    wait = read_number(answer, "Retry-After")
    return now + (NO_RESET if wait is None else timedelta(seconds=wait))


def read_number(answer: httpx.Response, header: str) -> int | None:
    """A header that holds a number of at most ten digits, or None."""
    text = answer.headers.get(header, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else None
