"""Laws of loading: a file arrives whole or not at all, and a second time it changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mqk.errors import MqkError
from mqk.feeds.csv import CsvFeed
from mqk.loading import ingest_file, load_calendar, load_instruments, read_reference
from support import ROOT

NOW = datetime(2024, 6, 1, tzinfo=UTC)
CALENDAR = "exchange_id,time_zone,session_on,opens_at,closes_at,is_half_day"
INSTRUMENTS = "symbol,exchange_id,instrument_kind,name,listed_on,delisted_on"
BARS = "symbol,timeframe,session_on,open,high,low,close,volume"
AAA = "AAA,XNYS,EQUITY,A company,2000-01-03,"
IDX = "IDX,XNYS,INDEX,An index,,"
GOOD = "AAA,1D,2024-01-02,10,11,9,10,100"
NEXT = "AAA,1D,2024-01-03,10,11,9,10,100"
TABLES = ("ref.exchanges", "ref.sessions", "ref.instruments", "ref.listings",
          "md.bars", "md.ingests", "md.findings",
          "audit.events")  # fmt: skip


def session(day: str, closes: str = "21:00:00Z") -> str:
    """A line of a calendar."""
    return f"XNYS,America/New_York,{day},{day}T14:30:00Z,{day}T{closes},false"


class Shop:
    """A database, and files to load into it."""

    def __init__(self, conn: Any, folder: Path) -> None:
        self.conn, self.folder = conn, folder

    def put(self, *lines: str, name: str = "file.csv") -> Path:
        """A file of these lines."""
        path = self.folder / name
        path.write_bytes("".join(f"{line}\n" for line in lines).encode())
        return path

    def calendar(self, *lines: str) -> int:
        """Load a calendar."""
        return load_calendar(self.conn, self.put(CALENDAR, *lines), NOW)

    def instruments(self, *lines: str) -> int:
        """Load instruments."""
        return load_instruments(self.conn, self.put(INSTRUMENTS, *lines), NOW)

    def ingest(self, *lines: str, policy: str = "REFUSE", **options: Any) -> tuple[int, int, int]:
        """Ingest bars; give how many were stored, known and rejected."""
        report = ingest_file(
            self.conn, CsvFeed(self.put(BARS, *lines)).read(), policy, NOW, **options
        )
        return report["rows_stored"], report["rows_known"], report["rows_rejected"]

    def counts(self) -> dict[str, int]:
        """Rows of every table that loading could touch."""
        query = "select count(*) as n from "
        return {name: self.conn.execute(query + name).fetchone()["n"] for name in TABLES}


@pytest.fixture
def shop(conn: Any, tmp_path: Path) -> Shop:
    """An empty database."""
    return Shop(conn, tmp_path)


@pytest.fixture
def stocked(shop: Shop) -> Shop:
    """Two sessions, one share, one index."""
    shop.calendar(session("2024-01-02"), session("2024-01-03"))
    shop.instruments(AAA, IDX)
    return shop


def test_a_calendar_is_stored_and_what_was_new_is_counted(shop: Shop) -> None:
    assert shop.calendar(session("2024-01-02")) == 1
    assert shop.calendar(session("2024-01-02"), session("2024-01-03")) == 1
    zones = shop.conn.execute("select exchange_id, time_zone from ref.exchanges").fetchall()
    assert zones == [{"exchange_id": "XNYS", "time_zone": "America/New_York"}]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (
            "XNYS,America/New_York,2024-02-31,2024-02-28T14:30:00Z,2024-02-28T21:00:00Z,false",
            "22008",
        ),
        ("XNYS,America/New_York,2024-01-08,2024-01-08T14:30:00,2024-01-08T21:00:00,false", "23502"),
        (
            "XNYS,America/New_York,2024-01-08,2024-01-08T21:00:00Z,2024-01-08T21:00:00Z,false",
            "23514",
        ),
        (
            "XNYS,America/New_York,2024-01-08,2024-01-08T14:30:00Z,2024-01-08T21:00:00Z,perhaps",
            "22P02",
        ),
        ("XNYS,America/New_York,2024-01-08,2024-01-08T14:30:00Z,2024-01-08T21:00:00Z,", "23502"),
        ("XNYS,America/New_York,,2024-01-08T14:30:00Z,2024-01-08T21:00:00Z,false", "23502"),
        ("XNYS,America/New_York,2024-01-08,,2024-01-08T21:00:00Z,false", "23502"),
        ("XNYS,America/New_York,2024-01-08,2024-01-08T14:30:00Z", "MQA24"),
        (
            "XNYS,America/New_York,2024-01-08,2024-01-08T14:30:00Z,2024-01-08T21:00:00Z,false,more",
            "MQA24",
        ),
    ],
)
def test_a_bad_session_refuses_the_whole_calendar(shop: Shop, line: str, code: str) -> None:
    before = shop.counts()
    with pytest.raises(MqkError) as no:
        shop.calendar(session("2024-01-02"), line, session("2024-01-03"))
    assert (no.value.code, no.value.exit_code) == (code, 2)
    assert shop.counts() == before


def test_a_stored_session_does_not_change_and_its_neighbours_are_not_stored(stocked: Shop) -> None:
    before = stocked.counts()
    with pytest.raises(MqkError, match="MQA10") as no:
        stocked.calendar(session("2024-01-03", "20:59:59Z"), session("2024-01-04"))
    assert no.value.detail == "2024-01-03"
    assert stocked.counts() == before


def test_a_calendar_of_nothing_is_refused(shop: Shop) -> None:
    before = shop.counts()
    with pytest.raises(MqkError, match="MQA01"):
        shop.calendar()
    assert shop.counts() == before


def test_instruments_are_stored_and_an_empty_cell_is_null(stocked: Shop) -> None:
    rows = stocked.conn.execute("select symbol, listed_on::text from ref.list_instruments(null)")
    assert [tuple(row.values()) for row in rows] == [("AAA", "2000-01-03"), ("IDX", None)]
    assert stocked.instruments(AAA, IDX, AAA.replace("AAA", "BBB")) == 1


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("BBB,XXXX,EQUITY,Another exchange,,", "23503"),
        ("BBB,XNYS,FUND,Another kind,,", "23514"),
        ("bbb,XNYS,EQUITY,Small letters,,", "23514"),
        (",XNYS,EQUITY,No symbol,,", "23502"),
        ("BBB,XNYS,EQUITY,,,", "23514"),
        ("BBB,XNYS,EQUITY,Thirteenth month,2000-13-01,", "22008"),
        ("AAA,XNYS,EQUITY,Another name,2000-01-03,", "MQA10"),
        ("AAA,XNYS,ETF,A company,2000-01-03,", "MQA10"),
        ("AAA,XNYS,EQUITY,A company,2000-01-03,1999-01-04", "MQA02"),
        ("AAA,XNYS,EQUITY,A company,2000-01-02,", "MQA10"),
        ("BBB,XNYS,EQUITY", "MQA24"),
    ],
)
def test_a_bad_instrument_refuses_the_whole_file(stocked: Shop, line: str, code: str) -> None:
    before = stocked.counts()
    with pytest.raises(MqkError) as no:
        stocked.instruments("CCC,XNYS,EQUITY,Good,,", line, "DDD,XNYS,EQUITY,Good,,")
    assert (no.value.code, no.value.exit_code) == (code, 2)
    assert stocked.counts() == before


def test_bars_are_stored_exactly(stocked: Shop) -> None:
    assert stocked.ingest("AAA,1D,2024-01-02,10.000001,11,9,10.5,100", NEXT) == (2, 0, 0)
    query = "select open_micros, close_micros, volume from md.bars order by session_on limit 1"
    assert tuple(stocked.conn.execute(query).fetchone().values()) == (10_000_001, 10_500_000, 100)
    raw = stocked.conn.execute("select feed, request, body from md.raws").fetchone()
    assert (raw["feed"], raw["request"]) == ("csv", {"file": "file.csv", "shape": "canonical"})
    assert b"AAA,1D,2024-01-02,10.000001" in raw["body"]


@pytest.mark.parametrize(
    ("bad", "finding"),
    [
        ("AAA,1D,2024-01-03,10,11,9,ten,100", "PRICE_INVALID"),
        ("AAA,1D,2024-01-03,10,9,11,10,100", "OHLC_INSANE"),
        ("AAA,1D,2024-01-03,10,11,9,10,1.5", "VOLUME_INVALID"),
        ("AAA,1D,2024-01-06,10,11,9,10,100", "NOT_A_SESSION"),
        ("AAA,1D,2024-1-3,10,11,9,10,100", "TIME_INVALID"),
        ("AAA,1D,,10,11,9,10,100", "TIME_INVALID"),
        ("AAA,5Min,2024-01-03,10,11,9,10,100", "TIMEFRAME_DIFFERS"),
        ("ZZZ,1D,2024-01-03,10,11,9,10,100", "SYMBOL_UNKNOWN"),
    ],
)
def test_a_bad_bar_refuses_the_whole_file_or_is_left_out(
    stocked: Shop, bad: str, finding: str
) -> None:
    before = stocked.counts()
    with pytest.raises(MqkError, match="MQA09") as no:
        stocked.ingest(GOOD, bad)
    assert f"line 3 {finding}" in no.value.detail
    assert stocked.counts() == before
    assert stocked.ingest(GOOD, bad, policy="KEEP_GOOD") == (1, 0, 1)


def test_a_ragged_bar_file_stores_nothing_whatever_the_policy(stocked: Shop) -> None:
    before = stocked.counts()
    for policy in ("REFUSE", "KEEP_GOOD"):
        with pytest.raises(MqkError, match="MQA24"):
            stocked.ingest(GOOD, "AAA,1D,2024-01-03", policy=policy)
    assert stocked.counts() == before


def test_another_policy_is_refused(stocked: Shop) -> None:
    before = stocked.counts()
    with pytest.raises(MqkError, match="MQA02"):
        stocked.ingest(GOOD, policy="MAYBE")
    assert stocked.counts() == before


@pytest.mark.parametrize("policy", ["REFUSE", "KEEP_GOOD"])
def test_the_same_bar_file_twice_is_one_ingest(stocked: Shop, policy: str) -> None:
    file = CsvFeed(stocked.put(BARS, GOOD, NEXT)).read()
    first = ingest_file(stocked.conn, file, policy, NOW)
    before = stocked.counts()
    assert ingest_file(stocked.conn, file, policy, NOW) == first
    assert stocked.counts() == before


def test_the_same_reference_file_twice_stores_nothing_new(stocked: Shop) -> None:
    before = stocked.counts() | {"audit.events": 0}
    assert stocked.calendar(session("2024-01-02"), session("2024-01-03")) == 0
    assert stocked.instruments(AAA, IDX) == 0
    assert stocked.counts() | {"audit.events": 0} == before


def test_a_known_bar_in_another_file_is_counted_and_not_stored_again(stocked: Shop) -> None:
    assert stocked.ingest(GOOD) == (1, 0, 0)
    assert stocked.ingest(GOOD, NEXT) == (1, 1, 0)


def test_until_is_the_last_session_that_is_ingested(stocked: Shop) -> None:
    assert stocked.ingest(GOOD, NEXT, until="2024-01-01") == (0, 0, 0)
    assert stocked.ingest(GOOD, NEXT, until="2024-01-02") == (1, 0, 0)
    assert stocked.ingest(GOOD, NEXT, until="2024-01-03") == (1, 1, 0)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "MQA23"),
        (b"b,a\n1,2\n", "MQA23"),
        (b"a,b,c\n1,2,3\n", "MQA23"),
        (b"\xef\xbb\xbfa,b\n1,2\n", "MQA23"),
        (b"a,b\n1\n", "MQA24"),
        (b"a,b\n1,2,3\n", "MQA24"),
        (b"a,b\n1,\xff\n", "MQA22"),
    ],
)
def test_a_reference_file_of_another_shape_is_refused(
    tmp_path: Path, content: bytes, code: str
) -> None:
    path = tmp_path / "reference.csv"
    path.write_bytes(content)
    with pytest.raises(MqkError) as no:
        read_reference(path, ("a", "b"))
    assert (no.value.code, no.value.exit_code) == (code, 2)
    assert path.name in no.value.detail


@pytest.mark.parametrize("name", ["missing.csv", "", "no/folder.csv"])
def test_a_reference_file_that_is_not_there_is_unreadable(tmp_path: Path, name: str) -> None:
    with pytest.raises(MqkError, match="MQA20"):
        read_reference(tmp_path / name, ("a",))


def test_a_reference_value_is_carried_verbatim_and_an_empty_one_is_null(tmp_path: Path) -> None:
    path = tmp_path / "reference.csv"
    path.write_bytes(b'a,b\n007," x, ""y"" "\n,\n')
    assert read_reference(path, ("a", "b")) == [
        {"a": "007", "b": ' x, "y" '},
        {"a": None, "b": None},
    ]


def test_the_calendar_and_the_instruments_of_the_house_load(shop: Shop) -> None:
    path = ROOT / "config" / "calendars" / "XNYS.csv"
    lines = path.read_text(encoding="utf-8").count("\n") - 1
    assert load_calendar(shop.conn, path, NOW) == lines
    assert load_calendar(shop.conn, path, NOW) == 0
    bundled = ROOT / "python" / "mqk" / "data" / "instruments.csv"
    assert load_instruments(shop.conn, bundled, NOW) == 6
