"""Laws of many bars: one judge whichever way they come, all or nothing, and the same store in the end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit import Desk
from mqk.cli.main import main
from mqk.db import STEADY, call, call_value, connect
from mqk.errors import MqkError
from mqk.feeds.batches import cut, pack
from mqk.feeds.csv import CsvFeed
from mqk.loading import ingest_batches
from support import Database, worker_url

COLUMNS = ("line_no", "symbol", "timeframe", "starts_at", "open", "high", "low", "close", "volume")
FEW = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
STORED = (
    "raws",
    "ingests",
    "sources",
    "findings",
    "bars",
    "observations",
    "conflicts",
    "feed_marks",
)
WRITTEN = ("md.ingests", "md.sources", "md.bars", "md.findings", "md.feed_marks", "audit.events")


def minute(day: date, slot: int) -> str:
    """When a minute of a session begins, as a feed writes it."""
    at = datetime(day.year, day.month, day.day, 14, 30, tzinfo=UTC) + timedelta(minutes=slot)
    return at.isoformat()


def rows_of(desk: Desk, many: int, **put: str) -> list[dict[str, Any]]:
    """The first minutes of the first session, AAA and BBB in turn."""
    good = {"timeframe": "1m", "high": "102.5", "low": "99", "close": "101.000001", "volume": "7"}
    return [
        {
            "line_no": n + 2,
            "symbol": ("AAA", "BBB")[n % 2],
            "starts_at": minute(desk.days[0], n // 2),
            "open": f"{100 + n % 3}.25",
            **good,
            **put,
        }
        for n in range(many)
    ]


@pytest.fixture
def market(desk: Desk) -> Iterator[Desk]:
    """A desk after its first session."""
    desk.clock.move_to(datetime(*desk.days[0].timetuple()[:3], 22, tzinfo=UTC))
    yield desk


def take(desk: Desk, rows: Any, policy: str = "KEEP_GOOD", **terms: Any) -> dict[str, Any]:
    """Ingest a batch in whichever form it is."""
    raw = desk.value(
        "api.md_keep_raw", feed="test", request={}, content_type="text/csv",
        body=repr(rows).encode("utf-8", "replace"), now_at=desk.now,
    )  # fmt: skip
    terms = {"feed": "test", "is_second": False, "timeframe": "1m", "policy": policy, **terms}
    return desk.call(
        "api.md_ingest", **terms, raws=[raw], normaliser="test.v1", rows=rows, now_at=desk.now
    )[0]


def look(desk: Desk) -> tuple[Any, ...]:
    """What the store of market data holds, every table of it."""
    return tuple(
        desk.one(f"select string_agg(t::text, '|' order by t::text) from md.{table} as t")
        for table in STORED
    )


def lines(rows: list[dict[str, Any]]) -> Any:
    """The rows as one batch of lines."""
    batch = pack(rows)
    assert isinstance(batch, dict)
    return batch


NUMBERS = st.one_of(
    st.sampled_from(["100", "101.5", "99.000001", "100.0000001", "NaN", "Infinity", "", "0", "-1", "1e2",
                     "1e19", "1,234.5", "0x10", "１２", "99999999", "100000000", "1_000", " 7", "+7", ".5",
                     "5.", "7 ", "100.0000000"]),
    st.text("0123456789.+-eE_ x", max_size=12),
)  # fmt: skip
TIMES = st.one_of(
    st.sampled_from(["2024-01-02T14:30:00+00:00", "2024-01-02 14:31:00Z", "2024-01-02T09:32:00-05:00",
                     "2024-01-02T14:30:00", "2024-01-02T14:30:01Z", "2024-02-30T14:30:00Z", "infinity",
                     "2024-02-29T14:30:00Z", "2023-02-29T14:30:00Z", "2024-01-02T25:30:00Z", "now",
                     "2024-01-02T14:30:00.5Z", "2024-01-02T14:30:60Z", "2024-01-02T14:30:00+1", "",
                     "2024-01-06T14:30:00Z", "2024-01-02T13:00:00Z", "2030-01-02T14:30:00Z"]),
    st.text("0123456789-:TZ+ .", max_size=26),
)  # fmt: skip
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "symbol": st.sampled_from(["AAA", "BBB", "aaa", "ZZZ", "", "=AAA"]),
            "timeframe": st.sampled_from(["1m", "1m", "1m", "5m", ""]),
            "starts_at": TIMES,
            **dict.fromkeys(COLUMNS[4:], NUMBERS),
        }
    ),
    min_size=1,
    max_size=12,
)


@given(st.data())
@FEW
def test_lines_and_objects_are_judged_alike(market: Desk, data: st.DataObject) -> None:
    drawn = data.draw(ROWS)
    good = rows_of(market, 1)[0]
    spoilt = data.draw(st.sampled_from(COLUMNS[3:]))
    odd = {**good, spoilt: data.draw(TIMES if spoilt == "starts_at" else NUMBERS)}
    for rows in (drawn, [odd]):
        numbered = [{"line_no": n, **{k: r[k] for k in COLUMNS[1:]}} for n, r in enumerate(rows, 2)]
        seen = []
        for form in (numbered, lines(numbered)):
            with market.conn.transaction(force_rollback=True):
                report = take(market, form)
                found = market.call("api.md_findings", ingest_id=report.pop("ingest_id"))
                verdicts = [(f["line_no"], f["symbol"], f["finding"]) for f in found]
                seen.append((report, verdicts, market.value("api.md_digest")))
        assert seen[0] == seen[1]


@pytest.mark.parametrize("volume", [" 7", "+7", "7 ", "1_000"])
def test_lines_and_objects_are_judged_alike_where_a_cast_is_lax(market: Desk, volume: str) -> None:
    for form in (rows_of(market, 1, volume=volume), lines(rows_of(market, 1, volume=volume))):
        assert take(market, form)["rows_rejected"] == 1


@given(st.data())
@FEW
def test_any_order_repetition_and_split_of_rows_gives_the_same_store(
    market: Desk, data: st.DataObject
) -> None:
    rows = rows_of(market, 24)
    with market.conn.transaction(force_rollback=True):
        take(market, rows, "REFUSE")
        want = market.value("api.md_digest")
    again = data.draw(st.lists(st.sampled_from(rows), max_size=12))
    mixed = data.draw(st.permutations(rows + again))
    with market.conn.transaction(force_rollback=True):
        for part in cut(mixed, data.draw(st.integers(1, 40))):
            batch = pack(part)
            take(market, batch if data.draw(st.booleans()) else unpack(batch), "REFUSE")
        assert market.value("api.md_digest") == want
        assert market.one("select count(*) from md.bars") == len(rows)


def unpack(batch: Any) -> Any:
    """A batch of lines as objects again."""
    return [
        dict(zip(batch["columns"], line.split("\t"), strict=True))
        for line in batch["lines"].split("\n")
    ]


def test_a_line_with_other_fields_than_its_columns_is_refused(market: Desk) -> None:
    batch = lines(rows_of(market, 3))
    short, good, _ = batch["lines"].split("\n")
    torn = "\n".join([short.rpartition("\t")[0], good, good.replace("2024", "x\t2024")])
    report = take(market, {**batch, "lines": torn})
    found = market.call("api.md_findings", ingest_id=report["ingest_id"])
    assert [f["finding"] for f in found] == ["FIELDS_MISSING"] * 2
    assert report["rows_stored"] == 1


@pytest.mark.parametrize(
    "rows",
    ["text", 7, {"lines": "x"}, {"columns": ["symbol"]}, {"columns": ["symbol"], "lines": 7},
     {"columns": ["symbol", "symbol"], "lines": ""}, {"columns": ["price"], "lines": ""},
     {"columns": [1], "lines": ""}],
)  # fmt: skip
def test_rows_of_another_form_are_refused(market: Desk, rows: Any) -> None:
    value = psycopg.types.json.Jsonb(rows)
    with pytest.raises(MqkError, match="MQA05"):
        take(market, value)
    assert market.one("select count(*) from md.ingests") == 0


@pytest.mark.parametrize("way", ["raise", "kill"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("table", WRITTEN)
def test_an_ingest_that_ends_at_any_statement_leaves_nothing(
    market: Desk, db: Database, table: str, when: str, way: str
) -> None:
    first = rows_of(market, 4)
    take(market, first)
    bad = [*rows_of(market, 8), {**rows_of(market, 1, volume="-1")[0], "line_no": 99}]
    bad[0]["close"] = "102"  # a conflict with what is stored
    before = look(market)
    does = {"raise": "raise 'enough'", "kill": "perform pg_terminate_backend(pg_backend_pid())"}
    market.sql(
        "create function public.fail() returns trigger language plpgsql security definer as"
        f" $$begin {does[way]}; return null; end$$"
    )
    market.sql(
        f"create trigger zzz {when} insert on {table} for each statement execute function public.fail()"
    )
    raw = market.one("select raw_sha256 from md.raws")
    with pytest.raises(MqkError):
        market.call(
            "api.md_ingest", feed="test", is_second=False, raws=[raw], normaliser="test.v1",
            timeframe="1m", policy="KEEP_GOOD", rows=lines(bad), now_at=market.now,
        )  # fmt: skip
    if way == "kill":
        market.conn = db.connect()
    assert look(market) == before
    market.sql(f"drop trigger zzz on {table}")
    report = take(market, lines(bad))
    assert (report["rows_stored"], report["rows_known"], report["rows_rejected"]) == (4, 3, 2)


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    """The rows as a CSV file."""
    text = [",".join(COLUMNS[1:]), *(",".join(str(r[c]) for c in COLUMNS[1:]) for r in rows)]
    path.write_text("\n".join(text) + "\n")
    return path


def carry(desk: Desk, file: Path, policy: str) -> list[dict[str, Any]]:
    """Ingest a file in batches of ten rows; their reports."""
    return ingest_batches(desk.conn, CsvFeed(file), policy, desk.now, size=10)[0]


def test_a_long_file_that_was_cut_off_goes_on_where_it_was(
    market: Desk, db: Database, tmp_path: Path
) -> None:
    file = write(tmp_path / "long.csv", rows_of(market, 40))
    market.sql(
        "create function public.fail() returns trigger language plpgsql security definer as $$begin"
        " if (select count(*) from md.bars) > 15 then perform pg_terminate_backend(pg_backend_pid());"
        " end if; return null; end$$"
    )
    market.sql("create trigger zzz before insert on md.bars execute function public.fail()")
    with pytest.raises(MqkError):
        carry(market, file, "KEEP_GOOD")
    market.conn = db.connect()
    assert market.one("select count(*) from md.bars") == 20
    market.sql("drop trigger zzz on md.bars")
    reports = carry(market, file, "KEEP_GOOD")
    assert [r["rows_stored"] for r in reports] == [10, 10, 10, 10]
    assert market.one("select count(*) from md.bars") == 40
    assert market.one("select count(*) from md.ingests") == 4


def test_a_bad_row_at_the_end_refuses_a_long_file_whole(market: Desk, tmp_path: Path) -> None:
    rows = rows_of(market, 40)
    rows[-1]["close"] = "1e2"
    file = write(tmp_path / "long.csv", rows)
    with pytest.raises(MqkError, match="MQA09") as no:
        carry(market, file, "REFUSE")
    assert "line 41 PRICE_INVALID" in no.value.detail
    assert market.one("select count(*) from md.bars") == 0
    rows[-1]["close"] = "101"
    file = write(tmp_path / "long.csv", rows)
    reports = carry(market, file, "REFUSE")
    assert sum(r["rows_stored"] for r in reports) == 40


@pytest.mark.parametrize(
    ("column", "value"),
    [("symbol", "'GONE'"), ("ingest_id", "'00000000-0000-8000-a000-000000000000'")],
)
def test_the_table_refuses_a_bar_without_its_parents(market: Desk, column: str, value: str) -> None:
    take(market, rows_of(market, 2))
    names = [
        r["attname"]
        for r in market.sql(
            "select attname from pg_attribute where attrelid = 'md.bars'::regclass and attnum > 0"
        )
    ]
    chosen = [value if n == column else "'15m'" if n == "timeframe" else n for n in names]
    copy = f"insert into md.bars select {', '.join(chosen)} from md.bars limit 1"
    with pytest.raises(psycopg.Error) as no:
        market.sql(copy)
    assert no.value.sqlstate == "MQI06"
    with market.conn.transaction(force_rollback=True):
        market.sql(copy.replace(value, column))  # all else of it is fine


def test_a_worker_carries_lines_through_its_own_door(market: Desk, db: Database) -> None:
    rows = rows_of(market, 12)
    with connect(worker_url(db.url, "marketdata"), "test", STEADY) as conn:
        for part in cut(rows, 5):
            batch = pack(part)
            raw = call_value(
                conn, "io.keep_raw", feed="test", request={}, content_type="text/plain",
                body=batch["lines"].encode(), now_at=market.now,
            )  # fmt: skip
            report = call(
                conn, "io.ingest_bars", feed="test", is_second=False, raws=[raw],
                normaliser="test.v1", timeframe="1m", policy="REFUSE", rows=batch, now_at=market.now,
            )[0]  # fmt: skip
            assert report["rows_stored"] == report["rows_read"] > 0
    assert market.one("select count(*) from md.bars") == 12


def test_a_command_ingests_minute_bars_and_tells_their_digest(
    market: Desk, db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "bars.csv", rows_of(market, 12))
    monkeypatch.setenv("MQK_DATABASE_URL", db.url)
    done = CliRunner().invoke(main, ["md", "ingest", str(file), "--timeframe", "1m", "--json"])
    assert [report["rows_stored"] for report in json.loads(done.stdout)] == [12], done.output
    told = CliRunner().invoke(main, ["md", "digest", "--json"])
    assert market.value("api.md_digest") in told.stdout
    with market.conn.transaction(force_rollback=True):
        take(market, rows_of(market, 13))
        assert market.value("api.md_digest") not in told.stdout
