"""Alpaca market data: GET /v2/stocks/bars, raw prices, page by page.

A bar's t is its open; a day's is midnight in New York. Numbers are JSON numbers and kept as their text.
Minute bars are revised up to half a minute after they close: younger than a minute is not complete. The
free plan has tape iex (a part of the volume) or sip of a quarter of an hour ago. Bars of an hour begin on
the clock's hour there, not at half past nine: they are on no grid of ours, and not offered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from mqk.feeds import Batch, Outside, Quota, Row, Want, refuse_others, take_options
from mqk.feeds.errors import Garbled, Misasked, RateLimited, Silent, Unauthorized, Unknown
from mqk.feeds.stretches import put_in_order
from mqk.feeds.wire import Answer, Wire, next_minute

URL = "https://data.alpaca.markets"
NORMALISER = "alpaca_data.v1"
NEW_YORK = ZoneInfo("America/New_York")
INTERVALS = {
    "1m": ("1Min", timedelta(minutes=1)),
    "5m": ("5Min", timedelta(minutes=5)),
    "15m": ("15Min", timedelta(minutes=15)),
    "1D": ("1Day", timedelta(days=1)),
}
NO_HOURS = "its hours begin on the clock's hour, not with the session"
REVISED_FOR = timedelta(seconds=60)
TAPES = ("iex", "sip")
MOST_PAGES = 10_000
FIELDS = {"open": "o", "high": "h", "low": "l", "close": "c", "volume": "v"}


class AlpacaData:
    """The feed. Options: key_env and secret_env name the variables of the key and its secret; tape is iex
    or sip; url is for tests on this machine.
    """

    name = "alpaca_data"
    timeframes = tuple(INTERVALS)
    is_metered = True
    keys = ("key_env", "secret_env")
    limits = "requests a minute, as its headers say"

    def __init__(self, options: Mapping[str, Any], outside: Outside) -> None:
        defaults = {"key_env": "ALPACA_DATA_KEY", "secret_env": "ALPACA_DATA_SECRET"}
        taken = take_options(self.name, options, **defaults, tape="iex", url="")
        if taken["tape"] not in TAPES:
            raise Misasked(self.name, f"tape {taken['tape']}", "tape is iex or sip.")
        key, secret = outside.secrets.take(taken["key_env"], taken["secret_env"])
        headers = {"APCA-API-KEY-ID": key, "APCA-API-SECRET-KEY": secret}
        self._wire = Wire(self.name, URL, taken["url"], headers, outside)
        self._tape: str = taken["tape"]

    def quota(self) -> Quota:
        """The requests that the last answer named."""
        return self._wire.quota

    def fetch(self, wants: Sequence[Want]) -> Iterator[Batch]:
        """A batch for each page. Raises the errors of mqk.feeds.errors."""
        refuse_others(self.name, INTERVALS, wants, NO_HOURS)
        for want in wants:
            yield from self._pages(want)

    def _pages(self, want: Want) -> Iterator[Batch]:
        params = {
            "symbols": want.symbol,
            "timeframe": INTERVALS[want.timeframe][0],
            "start": f"{want.from_on}T00:00:00Z",
            "end": f"{want.until_on}T23:59:59Z",
            "adjustment": "raw",
            "feed": self._tape,
            "limit": "10000",
            "sort": "asc",
        }
        seen: set[str] = set()
        while len(seen) < MOST_PAGES:
            (rows, token), raw = self._wire.get(
                "/v2/stocks/bars", params, lambda answer: self._read(answer, want), len(seen) + 1
            )
            if token in seen:
                raise Garbled(self.name, "a page leads back to one that was read")
            yield Batch([raw], NORMALISER, want.timeframe, rows)
            if token is None:
                return
            seen.add(token)
            params = {**params, "page_token": token}
        raise Garbled(self.name, f"more than {MOST_PAGES} pages")

    def _read(self, answer: Answer, want: Want) -> tuple[list[Row], str | None]:
        reset = answer.number("X-RateLimit-Reset")
        reset_at = datetime.fromtimestamp(reset, UTC) if reset else next_minute(answer.at)
        left, limit = answer.number("X-RateLimit-Remaining"), answer.number("X-RateLimit-Limit")
        if left is not None:
            self._wire.rest(Quota(left, limit, reset_at))
        if answer.status != 200:
            self._refuse(answer, max(reset_at, answer.at) + timedelta(seconds=1))
        return normalise(self._wire.parse(answer), want, answer.at)

    def _refuse(self, answer: Answer, until: datetime) -> None:
        said = self._wire.describe(answer.body.decode("utf-8", "replace"))
        why = f"{answer.status} {said}"
        if answer.status == 429:
            raise RateLimited(self.name, why, until)
        if answer.status in (401, 403):
            raise Unauthorized(self.name, why)
        if answer.status in (400, 422):
            raise (Unknown if "symbol" in said else Misasked)(self.name, why)
        raise (Silent if answer.status >= 500 else Garbled)(self.name, why)


def normalise(document: Any, want: Want, fetched_at: datetime) -> tuple[list[Row], str | None]:
    """The rows of a page, oldest first, and the token of the next. Raises Garbled."""
    bars = document.get("bars") if isinstance(document, dict) else None
    token = document.get("next_page_token") if isinstance(document, dict) else 0
    bars = {} if bars is None and token is None else bars  # nothing on these days
    if not isinstance(bars, dict) or not isinstance(token, str | None):
        raise Garbled("alpaca_data", "an answer without bars and next_page_token")
    if set(bars) - {want.symbol} or not isinstance(bars.get(want.symbol, []), list):
        raise Garbled(
            "alpaca_data", f"asked for {want.symbol}, answered {ascii(sorted(bars))[:60]}"
        )
    found = bars.get(want.symbol, [])
    return put_in_order(read_row(bar, want, fetched_at) for bar in found), token


def read_row(bar: Any, want: Want, fetched_at: datetime) -> Row:
    """One bar. Raises Garbled for one without its fields, or with an unreadable instant."""
    try:
        texts = {name: bar[key] for name, key in {**FIELDS, "t": "t"}.items()}
        opened = datetime.fromisoformat(texts.pop("t"))
    except (KeyError, TypeError, ValueError):
        raise Garbled("alpaca_data", "a bar lacks a field, or its instant") from None
    if opened.tzinfo is None or not all(isinstance(text, str) for text in texts.values()):
        raise Garbled("alpaca_data", "a bar's instant has no offset, or a value is no number")
    row = {"symbol": want.symbol, "timeframe": want.timeframe, **texts}
    if want.timeframe == "1D":
        local = opened.astimezone(NEW_YORK)
        if local.time() != datetime.min.time():
            raise Garbled("alpaca_data", f"a day begins at {local.isoformat()}")
        return {**row, "session_on": local.date().isoformat()}
    row["starts_at"] = opened.astimezone(UTC).isoformat()
    if opened + INTERVALS[want.timeframe][1] + REVISED_FOR > fetched_at:
        row["is_complete"] = "false"
    return row
