"""Financial Modeling Prep: days as they were traded.

Its usual series (historical-price-eod/full) and its bars within the day are adjusted for splits, and we
store raw bars only; so days come from historical-price-eod/non-split-adjusted, whose fields are called
adjOpen to adjClose although nothing in them is adjusted, and nothing within the day is offered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mqk.feeds import Batch, Outside, Quota, Row, Want, refuse_others, take_options
from mqk.feeds.errors import Garbled, Misasked, RateLimited, Silent, Unauthorized, Unknown
from mqk.feeds.stretches import cut, put_in_order
from mqk.feeds.wire import Answer, Wire, next_day, next_minute

URL = "https://financialmodelingprep.com"
PATH = "/stable/historical-price-eod/non-split-adjusted"
NORMALISER = "fmp.v1"
DAYS = 5 * 365  # one answer holds 5000 rows at most
OFFERED = {"1D": DAYS}
ADJUSTED = "its bars within the day are adjusted for splits, and only raw bars are stored"
FIELDS = {
    "session_on": "date",
    "open": "adjOpen",
    "high": "adjHigh",
    "low": "adjLow",
    "close": "adjClose",
    "volume": "volume",
}


class Fmp:
    """The feed. Options: key_env names the variable of the key; url is for tests on this machine."""

    name = "fmp"
    timeframes = tuple(OFFERED)
    is_metered = True
    keys = ("key_env",)
    limits = "requests a minute and a day, by plan; told only when they are used up"

    def __init__(self, options: Mapping[str, Any], outside: Outside) -> None:
        taken = take_options(self.name, options, key_env="MQK_FMP_API_KEY", url="")
        (key,) = outside.secrets.take(taken["key_env"])
        self._wire = Wire(self.name, URL, taken["url"], {"apikey": key}, outside)

    def quota(self) -> Quota:
        """Unknown: its answers do not say."""
        return self._wire.quota

    def fetch(self, wants: Sequence[Want]) -> Iterator[Batch]:
        """A batch for each stretch of days. Raises the errors of mqk.feeds.errors."""
        refuse_others(self.name, OFFERED, wants, ADJUSTED)
        for want in wants:
            for stretch in cut(want, DAYS):
                yield self._ask(stretch)

    def _ask(self, want: Want) -> Batch:
        params = {
            "symbol": spell(want.symbol),
            "from": want.from_on.isoformat(),
            "to": want.until_on.isoformat(),
        }
        rows, raw = self._wire.get(PATH, params, lambda answer: self._read(answer, want))
        return Batch([raw], NORMALISER, want.timeframe, rows)

    def _read(self, answer: Answer, want: Want) -> list[Row]:
        if answer.status >= 500:
            raise Silent(self.name, f"answered {answer.status}")
        document = self._wire.parse(answer) if answer.status == 200 else None
        if isinstance(document, list):
            return normalise(document, want)
        said = self._wire.describe(answer.body.decode("utf-8", "replace"))
        why, lower = f"{answer.status} {said}", said.lower()
        if answer.status == 429 or "limit reach" in lower:
            again = next_day(answer.at) if "day" in lower else next_minute(answer.at)
            raise RateLimited(self.name, why, again)
        if answer.status in (401, 402, 403) or "invalid api key" in lower:
            raise Unauthorized(self.name, why)
        if answer.status == 404:
            raise Unknown(self.name, why)
        raise (Misasked if answer.status == 400 else Garbled)(self.name, why)


def normalise(document: Sequence[Any], want: Want) -> list[Row]:
    """The rows of an answer, oldest first. Raises Garbled for an answer to another question."""
    return put_in_order(read_row(bar, want) for bar in document)


def read_row(bar: Any, want: Want) -> Row:
    """One bar. Raises Garbled for one of another symbol, or without its fields."""
    if not isinstance(bar, dict) or bar.get("symbol") != spell(want.symbol):
        raise Garbled("fmp", f"a bar is not of {want.symbol}")
    row = {name: bar.get(key) for name, key in FIELDS.items()}
    if not all(isinstance(text, str) for text in row.values()):
        raise Garbled("fmp", "a bar lacks a field")
    return {"symbol": want.symbol, "timeframe": want.timeframe, **row}


def spell(symbol: str) -> str:
    """A symbol as FMP writes it: a class of shares behind a hyphen, BRK-B."""
    return symbol.replace(".", "-")
