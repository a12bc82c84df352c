"""Twelve Data: GET /time_series, one symbol and one stretch of days an answer.

A bar's datetime is its open, and newest come first. Asked in UTC and unadjusted (its default is adjusted
for splits), with both dates, and without rounding. An error may come with status 200. The key goes in a
header. The last bar may still be forming: what has not lasted its whole interval is not complete.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from mqk.config.secrets import hide
from mqk.feeds import Batch, Outside, Quota, Raw, Row, Want, refuse_others, take_options
from mqk.feeds.errors import Garbled, Misasked, RateLimited, Silent, Unauthorized, Unknown
from mqk.feeds.stretches import cut, put_in_order
from mqk.feeds.wire import Answer, Wire, next_day, next_minute

URL = "https://api.twelvedata.com"
NORMALISER = "twelvedata.v1"
MOST = 5000  # rows of one answer
INTERVALS = {  # our timeframe: theirs, its length, days an answer
    "1m": ("1min", timedelta(minutes=1), 14),
    "5m": ("5min", timedelta(minutes=5), 63),
    "15m": ("15min", timedelta(minutes=15), 180),
    "1H": ("1h", timedelta(hours=1), 700),
    "1D": ("1day", timedelta(days=1), 8 * 365),
}
NOTHING = "no data is available on the specified dates"
AFTER_429 = timedelta(seconds=65)
VALUES = ("open", "high", "low", "close")


class TwelveData:
    """The feed. Options: key_env names the variable of the key; url is for tests on this machine."""

    name = "twelvedata"
    timeframes = tuple(INTERVALS)
    is_metered = True
    keys = ("key_env",)
    limits = "credits by minute and day, as its headers say"

    def __init__(self, options: Mapping[str, Any], outside: Outside) -> None:
        taken = take_options(self.name, options, key_env="TWELVEDATA_API_KEY", url="")
        (key,) = outside.secrets.take(taken["key_env"])
        headers = {"Authorization": hide(f"apikey {key.get_secret_value()}")}
        self._wire = Wire(self.name, URL, taken["url"], headers, outside)

    def quota(self) -> Quota:
        """The credits that the last answer named."""
        return self._wire.quota

    def fetch(self, wants: Sequence[Want]) -> Iterator[Batch]:
        """A batch for each stretch of days. Raises the errors of mqk.feeds.errors."""
        refuse_others(self.name, INTERVALS, wants)
        for want in wants:
            for stretch in cut(want, INTERVALS[want.timeframe][2]):
                yield self._ask(stretch)

    def _ask(self, want: Want) -> Batch:
        params = {
            "symbol": want.symbol,
            "interval": INTERVALS[want.timeframe][0],
            "start_date": f"{want.from_on} 00:00:00",
            "end_date": f"{want.until_on} 23:59:59",
            "timezone": "UTC",
            "adjust": "none",
            "outputsize": str(MOST),
            "format": "JSON",
        }
        rows, raw = self._wire.get("/time_series", params, lambda answer: self._read(answer, want))
        raws: list[Raw] = [raw]
        return Batch(raws, NORMALISER, want.timeframe, rows)

    def _read(self, answer: Answer, want: Want) -> list[Row]:
        left, used = answer.number("api-credits-left"), answer.number("api-credits-used")
        if left is not None:
            limit = None if used is None else left + used
            self._wire.rest(Quota(left, limit, next_minute(answer.at)))
        if answer.status >= 500:
            raise Silent(self.name, f"answered {answer.status}")
        document = self._wire.parse(answer)
        if not isinstance(document, dict):
            raise Garbled(self.name, "an answer is no object")
        if answer.status != 200 or document.get("status") != "ok":
            return self._refuse(answer, document)
        return normalise(document, want, answer.at)

    def _refuse(self, answer: Answer, document: Mapping[str, Any]) -> list[Row]:
        """No rows where there are none on these days; otherwise the error that the body names."""
        code = str(document.get("code", answer.status))
        said = str(document.get("message", ""))
        why = f"{code} {self._wire.describe(said)}"
        if code == "400" and said.lower().startswith(NOTHING):
            return []
        if code == "429":
            day = "for the day" in said or "current day" in said
            raise RateLimited(self.name, why, next_day(answer.at) if day else answer.at + AFTER_429)
        if code in ("401", "403"):
            raise Unauthorized(self.name, why)
        if code == "404" or (code == "400" and "symbol" in said and "not found" in said):
            raise Unknown(self.name, why)
        if code in ("400", "414"):
            raise Misasked(self.name, why)
        raise (Silent if code.startswith("5") else Garbled)(self.name, why)


def normalise(document: Mapping[str, Any], want: Want, fetched_at: datetime) -> list[Row]:
    """The rows of a good answer, oldest first. Raises Garbled for an answer to another question, and for
    one that is full and may have been cut.
    """
    meta, values = document.get("meta"), document.get("values")
    interval, length, _ = INTERVALS[want.timeframe]
    if not isinstance(meta, dict) or not isinstance(values, list):
        raise Garbled("twelvedata", "an answer without meta and values")
    if (meta.get("symbol"), meta.get("interval")) != (want.symbol, interval):
        told = ascii(f"{meta.get('symbol')} {meta.get('interval')}")[:60]
        raise Garbled("twelvedata", f"asked for {want.symbol} {interval}, answered {told}")
    if meta.get("currency", "USD") != "USD":
        raise Garbled(
            "twelvedata", f"{want.symbol} in {ascii(meta['currency'])[:20]}, not in dollars"
        )
    if len(values) >= MOST:
        raise Garbled("twelvedata", f"{len(values)} rows: the answer may have been cut")
    volume = {"volume": "0"} if meta.get("type") == "Index" else {}
    return put_in_order(
        read_row({**volume, **as_object(value)}, want, length, fetched_at) for value in values
    )


def as_object(value: Any) -> dict[str, Any]:
    """A value that must be an object. Raises Garbled."""
    if not isinstance(value, dict):
        raise Garbled("twelvedata", "a bar is no object")
    return value


def read_row(value: Mapping[str, Any], want: Want, length: timedelta, fetched_at: datetime) -> Row:
    """One bar. Raises Garbled for one without its fields, or with an unreadable datetime."""
    fields = {name: value.get(name) for name in ("datetime", *VALUES, "volume")}
    if not all(isinstance(text, str) for text in fields.values()):
        raise Garbled("twelvedata", "a bar lacks a field")
    opened = str(fields.pop("datetime"))
    row = {"symbol": want.symbol, "timeframe": want.timeframe, **fields}
    if want.timeframe == "1D":
        return {**row, "session_on": opened[:10]}
    try:
        starts_at = datetime.strptime(f"{opened}+0000", "%Y-%m-%d %H:%M:%S%z")
    except ValueError:
        raise Garbled("twelvedata", f"a bar opens at {ascii(opened)[:40]}") from None
    row["starts_at"] = starts_at.isoformat()
    if starts_at + length > fetched_at:
        row["is_complete"] = "false"
    return row
