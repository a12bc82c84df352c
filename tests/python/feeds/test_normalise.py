"""Laws of reading: the same bars in any order, number and division give the same rows; anything else is
rows or a refusal with a name.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds_kit import REGULAR, make_market, write
from mqk.feeds import Want, alpaca_data, fmp, twelvedata
from mqk.feeds.errors import FeedError
from mqk.feeds.stretches import cut, put_in_order
from mqk.strictjson import Unreadable, parse

NOW = datetime(2024, 3, 20, tzinfo=UTC)
WANT = Want("KO", "1D", date(2024, 3, 4), date(2024, 3, 15))
BARS = make_market(["KO"], "1D", WANT.from_on, WANT.until_on, REGULAR)["KO", "1D"]
FAST = settings(deadline=None, max_examples=60)
PICKED = st.lists(st.sampled_from(BARS), max_size=20)


def from_twelvedata(bars: list[Any]) -> list[dict[str, Any]]:
    """Rows of an answer of Twelve Data with these bars."""
    values = [
        {"datetime": b.day, "open": b.open, "high": b.high, "low": b.low, "close": b.close,
         "volume": b.volume}
        for b in bars
    ]  # fmt: skip
    body = json.dumps(
        {"meta": {"symbol": "KO", "interval": "1day"}, "values": values, "status": "ok"}
    )
    return twelvedata.normalise(parse(body), WANT, NOW)


def from_alpaca(bars: list[Any]) -> list[dict[str, Any]]:
    """Rows of a page of Alpaca."""
    rows = [
        {"t": b.starts_at.astimezone(UTC).isoformat(), "o": f"@{b.open}@", "h": f"@{b.high}@",
         "l": f"@{b.low}@", "c": f"@{b.close}@", "v": f"@{b.volume}@"}
        for b in bars
    ]  # fmt: skip
    return alpaca_data.normalise(
        parse(write({"bars": {"KO": rows}, "next_page_token": None})), WANT, NOW
    )[0]


def from_fmp(bars: list[Any]) -> list[dict[str, Any]]:
    """Rows of an answer of FMP."""
    rows = [
        {"symbol": "KO", "date": b.day, "adjOpen": f"@{b.open}@", "adjHigh": f"@{b.high}@",
         "adjLow": f"@{b.low}@", "adjClose": f"@{b.close}@", "volume": f"@{b.volume}@"}
        for b in bars
    ]  # fmt: skip
    return fmp.normalise(parse(write(rows)), WANT)


READERS = {"twelvedata": from_twelvedata, "alpaca_data": from_alpaca, "fmp": from_fmp}
EVERY = pytest.mark.parametrize("name", sorted(READERS))


def bare(rows: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    """Rows without their numbers."""
    return {tuple(sorted((k, v) for k, v in row.items() if k != "line_no")) for row in rows}


@EVERY
@FAST
@given(bars=PICKED, data=st.data())
def test_order_and_repetition_do_not_show(name: str, bars: list[Any], data: st.DataObject) -> None:
    other = data.draw(st.permutations(bars + bars[::3]))
    assert READERS[name](other) == READERS[name](bars)
    assert len(READERS[name](bars)) == len({bar.day for bar in bars})


@EVERY
@FAST
@given(bars=PICKED, cuts=st.lists(st.integers(0, 20), max_size=4))
def test_division_into_answers_does_not_show(name: str, bars: list[Any], cuts: list[int]) -> None:
    edges = sorted({0, len(bars), *(c for c in cuts if c < len(bars))})
    parts = [bars[a:b] for a, b in pairwise(edges)]
    together = set().union(*(bare(READERS[name](part)) for part in parts))
    assert together == bare(READERS[name](bars))


@EVERY
def test_two_that_differ_about_a_bar_are_both_given(name: str) -> None:
    from dataclasses import replace

    rows = READERS[name]([BARS[0], replace(BARS[0], close="101.5"), BARS[1]])
    assert [row["line_no"] for row in rows] == [1, 2, 3]
    assert len({row["close"] for row in rows[:2]}) == 2


TEXT = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=5)
JSON = st.recursive(
    st.none() | st.booleans() | TEXT | st.integers() | st.just("KO"),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["bars", "KO", "values", "meta", "symbol", "interval", "next_page_token", "t",
                         "o", "datetime", "status", "date"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(document=JSON)
def test_any_document_is_rows_or_a_refusal(document: Any) -> None:
    read = parse(json.dumps(document))
    for timeframe in ("1D", "1m"):
        want = Want("KO", timeframe, WANT.from_on, WANT.until_on)
        readers = [
            lambda want=want: alpaca_data.normalise(read, want, NOW)[0],
            lambda want=want: (
                twelvedata.normalise(read, want, NOW) if isinstance(read, dict) else []
            ),
            lambda want=want: fmp.normalise(read, want) if isinstance(read, list) else [],
        ]
        for reader in readers:
            try:
                rows = reader()
            except FeedError as no:
                assert no.code == "MQS72"
            else:
                assert all(
                    isinstance(v, str) for row in rows for k, v in row.items() if k != "line_no"
                )


@pytest.mark.parametrize(
    "text", ["NaN", "[Infinity]", '{"a": 1, "a": 2}', "[" * 100_000, '"\\ud800"', '"\\u0000"', "", "1 2"]
)  # fmt: skip
def test_json_that_is_ambiguous_is_no_json(text: str) -> None:
    with pytest.raises(Unreadable):
        parse(text)


def test_a_number_is_its_digits_however_many() -> None:
    digits = "9" * 5000
    assert parse(f"[{digits}, 0.1000, 1E400, -0]") == [digits, "0.1000", "1E400", "-0"]


@FAST
@given(
    start=st.dates(date(2000, 1, 1), date(2030, 1, 1)),
    days=st.integers(0, 4000),
    size=st.integers(1, 900),
)
def test_stretches_cover_every_day_once_oldest_first(start: date, days: int, size: int) -> None:
    until = date.fromordinal(start.toordinal() + days)
    covered = [
        day
        for part in cut(Want("KO", "1D", start, until), size)
        for day in range(part.from_on.toordinal(), part.until_on.toordinal() + 1)
    ]
    assert covered == list(range(start.toordinal(), until.toordinal() + 1))


def test_rows_are_numbered_from_one() -> None:
    assert put_in_order([{"session_on": "b"}, {"session_on": "a"}, {"session_on": "b"}]) == [
        {"line_no": 1, "session_on": "a"},
        {"line_no": 2, "session_on": "b"},
    ]
