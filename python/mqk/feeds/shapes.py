"""The shapes of bar files that are known by their header, and how a row of each is said in our words.

A value is never converted, but for what a shape writes in a form of its own: epoch seconds, days without
hyphens, yes and no. What cannot be put in our words is left as it is, for the database to refuse.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

PRICES = ("open", "high", "low", "close", "volume")
TIMES = ("session_on", "starts_at", "ends_at")
YES_NO = {"1": "true", "yes": "true", "true": "true", "0": "false", "no": "false", "false": "false"}
Fields = dict[str, str]


def from_epoch(text: str) -> str:
    """Whole seconds of the Unix epoch, up to the year 9999, as an instant of UTC."""
    if not (text.isascii() and text.isdigit() and len(text) <= 12 and int(text) < 253402300800):
        return text
    return datetime.fromtimestamp(int(text), UTC).isoformat()


def hyphenate(text: str) -> str:
    """20240102 as 2024-01-02."""
    plain = len(text) == 8 and text.isascii() and text.isdigit()
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if plain else text


def read_canonical(row: Mapping[str, str]) -> Fields:
    """Our own words, as they are."""
    return dict(row)


def read_epoch(row: Mapping[str, str]) -> Fields:
    """end_ts in seconds; is_complete as true, 1 or yes."""
    fields = {**row, "ends_at": from_epoch(row["end_ts"])}
    del fields["end_ts"]
    return {**fields, "is_complete": YES_NO.get(row["is_complete"].lower(), row["is_complete"])}


def read_closes(row: Mapping[str, str]) -> Fields:
    """ts_close_utc is the end of the bar."""
    return {"ends_at": row["ts_close_utc"], **{name: row[name] for name in PRICES}}


def read_days(row: Mapping[str, str]) -> Fields:
    """A date, and the prices in any case; what is adjusted is left out."""
    lower = {name.lower(): value for name, value in row.items()}
    return {"session_on": lower["date"], **{name: lower[name] for name in PRICES}}


def read_stooq(row: Mapping[str, str]) -> Fields:
    """<TICKER> with its market behind a point, <PER> D, <DATE> without hyphens."""
    names = dict(zip(PRICES, ("<OPEN>", "<HIGH>", "<LOW>", "<CLOSE>", "<VOL>"), strict=True))
    return {
        "symbol": row["<TICKER>"].removesuffix(".US"),
        "timeframe": "1D" if row["<PER>"] == "D" else row["<PER>"],
        "session_on": hyphenate(row["<DATE>"]),
        **{name: row[theirs] for name, theirs in names.items()},
    }


@dataclass(frozen=True)
class Shape:
    """A header, and how a row under it is read. `lacks`: what the file does not say of its rows;
    `timeframe`: the only one that it can have; `note`: what a person should know.
    """

    name: str
    columns: tuple[str, ...]
    read: Callable[[Mapping[str, str]], Fields]
    lacks: tuple[str, ...] = ()
    timeframe: str = ""
    note: str = ""


STOOQ_COLUMNS = (
    *("<TICKER>", "<PER>", "<DATE>", "<TIME>"),
    *("<OPEN>", "<HIGH>", "<LOW>", "<CLOSE>", "<VOL>", "<OPENINT>"),
)
YAHOO = "Yahoo adjusts these prices for splits: raw only since the last one. Adj Close is ignored."
STOOQ = "Stooq adjusts these prices for splits: raw only since the last one."
SHAPES = (
    *(
        Shape("canonical", ("symbol", "timeframe", time, *PRICES, *more), read_canonical)
        for time in TIMES
        for more in ((), ("is_complete",))
    ),
    Shape("dates", ("date", *PRICES), read_days, ("symbol", "timeframe"), "1D"),
    Shape(
        "yahoo",
        ("Date", "Open", "High", "Low", "Close", "Adj Close", "Volume"),
        read_days,
        ("symbol", "timeframe"),
        "1D",
        YAHOO,
    ),
    Shape(
        "stooq",
        ("Date", "Open", "High", "Low", "Close", "Volume"),
        read_days,
        ("symbol", "timeframe"),
        "1D",
        STOOQ,
    ),
    Shape(
        "stooq_bulk",
        STOOQ_COLUMNS,
        read_stooq,
        timeframe="1D",
        note=STOOQ,
    ),
    Shape("closes", ("ts_close_utc", *PRICES), read_closes, ("symbol", "timeframe")),
    Shape("epoch", ("symbol", "timeframe", "end_ts", *PRICES, "is_complete"), read_epoch),
)
NAMES = tuple(dict.fromkeys(shape.name for shape in SHAPES))


def find_shape(columns: tuple[str, ...], name: str = "") -> Shape | None:
    """The shape with exactly this header, of this name if one is given."""
    found = (shape for shape in SHAPES if shape.columns == columns)
    return next((shape for shape in found if name in ("", shape.name)), None)
