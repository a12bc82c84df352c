"""Laws of the shapes of bar files: a header says which, and each row comes out in our words, verbatim."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mqk.errors import MqkError
from mqk.feeds.csv import CsvFeed
from mqk.feeds.shapes import NAMES, SHAPES, find_shape, from_epoch, hyphenate

BAR = {"open": "1.10", "high": "2", "low": "0.5", "close": "1e0", "volume": "100"}


def read(folder: Path, text: str, name: str = "KO.csv", **options: str) -> list[dict[str, Any]]:
    """The rows of a file."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return CsvFeed(path, **options).read().rows


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        (
            "symbol,timeframe,ends_at,open,high,low,close,volume,is_complete\n"
            "PEP,5m,2024-01-02T14:35:00Z,1.10,2,0.5,1e0,100,false",
            {},
            {"symbol": "PEP", "timeframe": "5m", "ends_at": "2024-01-02T14:35:00Z", "is_complete": "false"},
        ),
        (
            "symbol,timeframe,starts_at,open,high,low,close,volume\nPEP,5m,x,1.10,2,0.5,1e0,100",
            {},
            {"symbol": "PEP", "timeframe": "5m", "starts_at": "x"},
        ),
        (
            "date,open,high,low,close,volume\n2024-01-02,1.10,2,0.5,1e0,100",
            {},
            {"symbol": "KO", "timeframe": "1D", "session_on": "2024-01-02"},
        ),
        (
            "date,open,high,low,close,volume\n2024-01-02,1.10,2,0.5,1e0,100",
            {"symbol": "PEP", "timeframe": "1D"},
            {"symbol": "PEP", "timeframe": "1D", "session_on": "2024-01-02"},
        ),
        (
            "Date,Open,High,Low,Close,Adj Close,Volume\n2024-01-02,1.10,2,0.5,1e0,0.77,100",
            {},
            {"symbol": "KO", "timeframe": "1D", "session_on": "2024-01-02"},
        ),
        (
            "Date,Open,High,Low,Close,Volume\n2024-01-02,1.10,2,0.5,1e0,100",
            {"shape": "stooq"},
            {"symbol": "KO", "timeframe": "1D", "session_on": "2024-01-02"},
        ),
        (
            "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\n"
            "PEP.US,D,20240102,000000,1.10,2,0.5,1e0,100,0",
            {},
            {"symbol": "PEP", "timeframe": "1D", "session_on": "2024-01-02"},
        ),
        (
            "ts_close_utc,open,high,low,close,volume\n2024-01-02T15:00:00Z,1.10,2,0.5,1e0,100",
            {"timeframe": "1H"},
            {"symbol": "KO", "timeframe": "1H", "ends_at": "2024-01-02T15:00:00Z"},
        ),
        (
            "symbol,timeframe,end_ts,open,high,low,close,volume,is_complete\n"
            "PEP,1m,1704207660,1.10,2,0.5,1e0,100,Yes",
            {},
            {"symbol": "PEP", "timeframe": "1m", "ends_at": "2024-01-02T15:01:00+00:00",
             "is_complete": "true"},
        ),
    ],
)  # fmt: skip
def test_a_row_of_each_shape_is_said_in_our_words(
    tmp_path: Path, text: str, options: dict[str, str], said: dict[str, str]
) -> None:
    assert read(tmp_path, text, **options) == [{"line_no": 2, **said, **BAR}]


def test_a_header_means_one_shape(tmp_path: Path) -> None:
    assert len({shape.columns for shape in SHAPES}) == len(SHAPES)
    for shape in SHAPES:
        assert find_shape(shape.columns) is shape
        assert len(set(shape.columns)) == len(shape.columns)
        for name in NAMES:
            assert (find_shape(shape.columns, name) is shape) == (name == shape.name)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: f"{shape.name} {len(shape.columns)}")
def test_a_column_more_or_less_or_twice_is_another_header(tmp_path: Path, shape: Any) -> None:
    bent = [shape.columns[1:], (*shape.columns, "extra"), (*shape.columns, shape.columns[0])]
    for columns in [*bent, tuple(reversed(shape.columns))]:
        with pytest.raises(MqkError, match="MQA23"):
            read(tmp_path, ",".join(columns) + "\n", timeframe="1D")


def test_the_shape_that_was_said_is_the_only_one(tmp_path: Path) -> None:
    with pytest.raises(MqkError, match="MQA23"):
        read(tmp_path, "date,open,high,low,close,volume\n", shape="canonical")


def test_a_shape_without_a_timeframe_must_be_told_it(tmp_path: Path) -> None:
    with pytest.raises(MqkError, match="MQA01"):
        read(tmp_path, "ts_close_utc,open,high,low,close,volume\n")


@pytest.mark.parametrize(
    ("header", "options"),
    [
        ("date,open,high,low,close,volume", {"timeframe": "1H"}),
        ("symbol,timeframe,session_on,open,high,low,close,volume", {"symbol": "KO"}),
        ("Date,Open,High,Low,Close,Volume", {"timeframe": "5m"}),
    ],
)
def test_an_option_does_not_overrule_the_file(
    tmp_path: Path, header: str, options: dict[str, str]
) -> None:
    with pytest.raises(MqkError, match="MQA02"):
        read(tmp_path, f"{header}\n", **options)


def test_what_is_adjusted_is_said_to_be(tmp_path: Path) -> None:
    noted = {shape.name for shape in SHAPES if "splits" in shape.note}
    assert noted == {"yahoo", "stooq", "stooq_bulk"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0", "1970-01-01T00:00:00+00:00"),
        ("1709996400", "2024-03-09T15:00:00+00:00"),
        ("253402300799", "9999-12-31T23:59:59+00:00"),
        ("253402300800", "253402300800"),
        ("1709996400000", "1709996400000"),  # milliseconds are no seconds
        ("-1", "-1"),
        ("1.5", "1.5"),
        ("", ""),
        ("\u0661", "\u0661"),
    ],
)
def test_seconds_of_the_epoch_are_an_instant_or_stay_as_they_are(text: str, said: str) -> None:
    assert from_epoch(text) == said


@settings(deadline=None)
@given(st.text(max_size=10))
def test_only_eight_digits_are_a_day_without_hyphens(text: str) -> None:
    plain = len(text) == 8 and text.isascii() and text.isdigit()
    assert (hyphenate(text) != text) == plain
    assert hyphenate(text).replace("-", "") == text.replace("-", "")
