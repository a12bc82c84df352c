"""A hundred thousand bad inputs: each is refused under a name that the catalogue knows, none is a bar."""

from __future__ import annotations

import gzip
from collections import Counter, deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from kit import Desk
from mqk.errors import MqkError
from mqk.feeds.batches import cut, pack
from mqk.feeds.csv import CsvFeed
from mqk.loading import ingest_batches
from support import Database

ROWS, FILES = 80_000, 20_000
BATCH = 8_000  # rows, every other batch as objects
HEAD = "symbol,timeframe,starts_at,open,high,low,close,volume"
LINE = "AAA,1m,2024-01-02T14:30:00Z,100,102,99,101,7"
PRICES = ("open", "high", "low", "close")
BAD_PRICES = ("NaN", "nan", "Inf", "-Infinity", "", "0", "0.0", "-0", "-100", "1e19", "1e2", "1,234.5",
              "0x10", "１２", "٣", "100.0000001", "1_000", " 100", "100 ", "+100", ".5", "5.", "1.2.3",
              "9" * 30, "10000000.000001", "100\u00a0", "null", "=1+1", "--1", "∞")  # fmt: skip
BAD_VOLUMES = (
    "-1",
    "1.5",
    "",
    "NaN",
    "1e3",
    "0x7",
    "７",
    "9" * 16,
    "+7",
    "7 ",
    "1,000",
    "Infinity",
)
BAD_TIMES = ("", "now", "infinity", "-infinity", "today", "epoch", "2024-01-02 14:30:00",
             "2024-01-02T14:30:00", "2024-01-02T14:30", "2024-13-02T14:30:00Z", "2024-02-30T14:30:00Z",
             "2023-02-29T14:30:00Z", "2024-01-02T24:00:00Z", "2024-01-02T14:30:60Z", "1704205800",
             "2024-1-2T14:30:00Z", "2024-01-02T14:30:00+99:00", "２０２４-01-02T14:30:00Z",
             "2024-03-10 02:30:00 America/New_York", "2024-03-10T02:30:00", "0000-01-02T14:30:00Z",
             "2024-01-02T14:30:00 Z", "02/01/2024 14:30:00Z")  # fmt: skip
OFF_GRID = ("2024-01-02T14:30:01Z", "2024-01-02T14:30:00.000001Z", "2024-01-02T15:30:59Z")
NO_SESSION = ("2024-01-06T14:30:00Z", "2024-01-02T14:29:59Z", "2024-01-02T21:00:00Z",
              "2024-03-10T02:30:00-05:00", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z")  # fmt: skip
Row = dict[str, Any]


def starts(slot: int, days: int = 0) -> str:
    """A minute of a session from the first on."""
    at = datetime(2024, 1, 2, 14, 30, tzinfo=UTC) + timedelta(days=days, minutes=slot)
    return at.isoformat()


def spoil(chance: Random) -> tuple[Row, set[str]]:
    """A row with one fault, and what it may be called."""
    start = starts(chance.randrange(390))
    prices = {"open": "100", "high": "102", "low": "99", "close": "101", "volume": "7"}
    row: Row = {"line_no": 0, "symbol": "AAA", "timeframe": "1m", "starts_at": start, **prices}
    which = chance.randrange(9)
    if which == 0:
        row[chance.choice(PRICES)] = chance.choice(BAD_PRICES)
        return row, {"PRICE_INVALID"}
    if which == 1:
        row["volume"] = chance.choice(BAD_VOLUMES)
        return row, {"VOLUME_INVALID"}
    if which == 2:
        row["starts_at"] = chance.choice(BAD_TIMES)
        return row, {"TIME_INVALID"}
    if which == 3:
        row["starts_at"] = chance.choice(OFF_GRID)
        return row, {"NOT_ON_GRID"}
    if which == 4:
        row["starts_at"] = chance.choice(NO_SESSION)
        return row, {"OUT_OF_SESSION"}
    if which == 5:
        row["starts_at"] = starts(chance.randrange(390), days=chance.choice((1, 2, 3)))
        return row, {"NOT_CLOSED"}
    if which == 6:
        name, value = chance.choice((("high", "100.5"), ("low", "100.000001"), ("close", "102.000001"),
                                     ("open", "98.999999"), ("high", "1"), ("low", "103")))  # fmt: skip
        row[name] = value
        return row, {"OHLC_INSANE"}
    if which == 7:
        row["symbol"] = chance.choice(
            ("aaa", "ＡＡＡ", "", " AAA", "ZZZ", "AAA\u200b", "=AAA", "'; drop")
        )
        return row, {"SYMBOL_UNKNOWN"}
    row["timeframe"] = chance.choice(("1M", "1min", "5m", "1D", "", "１m", "60"))
    return row, {"TIMEFRAME_DIFFERS"}


@pytest.fixture
def market(db: Database) -> Iterator[Desk]:
    """A desk after the close of its first session."""
    desk = Desk(db.url)
    desk.clock.move_to(datetime(2024, 1, 2, 22, tzinfo=UTC))
    yield desk
    desk.conn.close()


def test_eighty_thousand_bad_rows_are_findings_with_the_right_name_and_no_bar(market: Desk) -> None:
    chance = Random(5)
    spoilt = [spoil(chance) for _ in range(ROWS)]
    for number, row in enumerate(row for row, _ in spoilt):
        row["line_no"] = number
    raw = market.value(
        "api.md_keep_raw", feed="test", request={}, content_type="text/csv", body=b"bad",
        now_at=market.now,
    )  # fmt: skip
    skipped = 0
    for number, packed in enumerate(cut((row for row, _ in spoilt), BATCH)):
        rows = pack(packed) if number % 2 else packed
        report = market.call(
            "api.md_ingest", feed="test", is_second=False, raws=[raw], normaliser="test.v1",
            timeframe="1m", policy="KEEP_GOOD", rows=rows, now_at=market.now,
        )[0]  # fmt: skip
        assert (report["rows_stored"], report["rows_known"]) == (0, 0)
        skipped += report["rows_skipped"]
    found = {
        f["line_no"]: f["finding"] for f in market.sql("select line_no, finding from md.findings")
    }
    wrong = Counter(
        (found.get(n, "OUT_OF_SESSION"), *sorted(names), str(row))
        for n, (row, names) in enumerate(spoilt)
        if found.get(n, "OUT_OF_SESSION") not in names
    )
    assert wrong == {}
    assert (len(found) + skipped, market.one("select count(*) from md.bars")) == (ROWS, 0)


def spoil_file(chance: Random) -> bytes:
    """The bytes of a file that is no file of bars."""
    good = "\n".join([HEAD, *[LINE] * chance.randrange(1, 9)]).encode()
    at = chance.randrange(len(HEAD) + 1, len(good))
    ways: tuple[Callable[[], bytes], ...] = (
        lambda: b"\xef\xbb\xbf" + good,
        lambda: good[:at] + b"\0" + good[at:],
        lambda: gzip.compress(good, mtime=0),
        lambda: good[:at] + bytes([chance.randrange(0x80, 0xC0)]) + good[at:],
        lambda: good + b'\n"' + LINE.encode(),
        lambda: good + b"\n" + LINE.encode() + b",8",
        lambda: good + b"\n" + LINE.rpartition(",")[0].encode(),
        lambda: good + b"\n\n" + LINE.encode(),
        lambda: good + b"\nAAA,1m," + b"x" * chance.randrange(257, 70_000) + b",1,1,1,1,1",
        lambda: good.replace(b",", b";"),
        lambda: good.replace(
            b"symbol", chance.choice((b"Symbol", b"", b"symbol,symbol", b" symbol"))
        ),
        lambda: good.partition(b"\n")[2],
        lambda: good.decode().encode("utf-16"),
        lambda: good + b'\n"AAA"x,' + LINE.partition(",")[2].encode(),
    )
    return chance.choice(ways)()


def test_twenty_thousand_bad_files_are_refused_by_name() -> None:
    chance = Random(7)
    feed = CsvFeed(Path("bad.csv"))
    seen: Counter[str] = Counter()
    for _ in range(FILES):
        content = spoil_file(chance)
        with pytest.raises(MqkError) as no:
            deque(feed.read_rows(content)[1])
        seen[no.value.code] += 1
    assert sum(seen.values()) == FILES
    assert set(seen) == {"MQA22", "MQA23", "MQA24"}


@pytest.mark.parametrize("seed", range(14))
def test_a_bad_file_leaves_nothing_at_all(market: Desk, tmp_path: Path, seed: int) -> None:
    file = tmp_path / "bad.csv"
    file.write_bytes(spoil_file(Random(seed)))
    for policy in ("REFUSE", "KEEP_GOOD"):
        with pytest.raises(MqkError, match=r"MQA2[234]"):
            ingest_batches(market.conn, CsvFeed(file), policy, market.now, size=2)
    assert market.one("select count(*) from md.raws") == 0
    assert market.one("select count(*) from md.ingests") == 0
