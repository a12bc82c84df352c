"""Laws of the bundled data: it is what its page says, and the database takes it without a finding."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from mqk.feeds import Want
from mqk.feeds.csv import CsvFeed, ReplayFeed
from mqk.loading import ingest_file, load_calendar, load_instruments
from support import ROOT

DATA = ROOT / "python" / "mqk" / "data"
CALENDAR = ROOT / "config" / "calendars" / "XNYS.csv"
FILES = sorted((DATA / "bars").glob("*.csv"))
NOW = datetime(2024, 1, 1, tzinfo=UTC)


@cache
def bars(path: Path) -> list[dict[str, Any]]:
    """The rows of a bundled file."""
    return CsvFeed(path).read().rows


@cache
def table(path: Path, key: str) -> dict[str, dict[str, str]]:
    """A reference file by one of its columns."""
    with path.open(newline="", encoding="utf-8") as source:
        return {row[key]: row for row in csv.DictReader(source, strict=True)}


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    """Every bundled file in turn."""
    return request.param


def test_there_is_a_file_for_every_instrument_and_none_besides() -> None:
    assert {path.stem for path in FILES} == set(table(DATA / "instruments.csv", "symbol"))
    assert len(FILES) == 6


def test_a_file_holds_the_daily_bars_of_its_symbol(path: Path) -> None:
    assert {(row["symbol"], row["timeframe"]) for row in bars(path)} == {(path.stem, "1D")}


def test_every_bar_is_of_a_session_of_the_calendar_and_no_session_is_missing(path: Path) -> None:
    days = [row["session_on"] for row in bars(path)]
    assert (days[0], days[-1], len(days)) == ("2006-01-03", "2012-12-31", 1761)
    calendar = table(CALENDAR, "session_on")
    assert days == [day for day in calendar if days[0] <= day <= days[-1]]


def test_no_session_is_there_twice_and_they_are_in_order(path: Path) -> None:
    days = [row["session_on"] for row in bars(path)]
    assert days == sorted(set(days))


def test_every_bar_is_sane(path: Path) -> None:
    for row in bars(path):
        low, high, start, end = (Decimal(row[n]) for n in ("low", "high", "open", "close"))
        assert 0 < low <= min(start, end), row
        assert max(start, end) <= high, row
        assert int(row["volume"]) >= 0, row


def test_a_price_has_two_places_as_its_vendor_quotes_it(path: Path) -> None:
    for row in bars(path):
        for name in ("open", "high", "low", "close"):
            assert Decimal(row[name]).as_tuple().exponent == -2, row


def test_no_close_jumps_as_a_split_would_make_it(path: Path) -> None:
    closes = [Decimal(row["close"]) for row in bars(path)]
    for before, after in pairwise(closes):
        assert Decimal("0.7") < after / before < Decimal("1.4")


def test_every_instrument_was_listed_before_its_first_bar() -> None:
    instruments = table(DATA / "instruments.csv", "symbol")
    for path in FILES:
        row = instruments[path.stem]
        assert row["listed_on"] <= bars(path)[0]["session_on"]
        assert row["exchange_id"] == "XNYS"
        assert row["instrument_kind"] in ("EQUITY", "INDEX")


def test_the_calendar_has_each_session_once_in_order_and_opens_before_it_closes() -> None:
    with CALENDAR.open(newline="", encoding="utf-8") as source:
        rows = list(csv.DictReader(source, strict=True))
    days = [row["session_on"] for row in rows]
    assert days == sorted(set(days))
    for row in rows:
        opens, closes = (datetime.fromisoformat(row[n]) for n in ("opens_at", "closes_at"))
        assert opens < closes
        assert opens.utcoffset() == closes.utcoffset() == NOW.utcoffset()
        assert opens.date() == closes.date() == date.fromisoformat(row["session_on"])
        assert opens.weekday() < 5
        hours = (closes - opens).total_seconds() / 3600
        assert hours <= 6.5, row
        assert (hours < 6.5) is (row["is_half_day"] == "true"), row


def test_the_database_takes_every_bar_without_a_finding(conn: Any) -> None:
    load_calendar(conn, CALENDAR, NOW)
    load_instruments(conn, DATA / "instruments.csv", NOW)
    for path in FILES:
        report = ingest_file(conn, CsvFeed(path).read(), "REFUSE", NOW)
        assert (report["rows_stored"], report["rows_rejected"]) == (1761, 0)
    query = "select sum(close_micros) as s from md.bars where symbol = %s"
    for path in FILES:
        total = conn.execute(query, [path.stem]).fetchone()["s"]
        assert total == sum(Decimal(row["close"]) for row in bars(path)) * 1_000_000


def test_a_replay_of_all_files_gives_every_symbol_each_session() -> None:
    wants = [Want(path.stem, "1D", date(2006, 1, 3), date(2006, 1, 4)) for path in FILES]
    (batch,) = ReplayFeed(FILES).fetch(wants)
    rows = batch.rows
    symbols = sorted(path.stem for path in FILES)
    assert [(row["session_on"], row["symbol"]) for row in rows] == [
        (day, symbol) for day in ("2006-01-03", "2006-01-04") for symbol in symbols
    ]
