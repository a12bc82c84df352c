"""Laws of the people's side of market data, typed at the command line as a member of mqk_operator."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kit import Desk, bar, close_of
from mqk.cli.main import main
from support import Database, group_url

DAY = "2024-01-04"


@pytest.fixture
def desk(db: Database) -> Iterator[Desk]:
    """A store with a hole, a jump, a doubled row, an unknown symbol, and another opinion."""
    made = Desk(db.url)
    made.clock.move_to(close_of(made.days[5]) + timedelta(minutes=5))
    yield made
    assert made.broken_promises() == []
    made.conn.close()


@pytest.fixture
def mqk(db: Database, monkeypatch: pytest.MonkeyPatch) -> Any:
    def run(*words: Any, group: str = "mqk_operator") -> Result:
        monkeypatch.setenv("MQK_DATABASE_URL", group_url(db.url, group))
        done = CliRunner().invoke(main, [str(word) for word in words])
        assert "Traceback" not in done.output
        return done

    return run


def read(done: Result) -> Any:
    """What a command printed as JSON."""
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def ingest(desk: Desk) -> dict[str, Any]:
    """Six sessions of AAA with a jump at the fourth, five of BBB, and rows that are none."""
    prices = (100, 101, 102, 150, 102, 103)
    rows = [bar("AAA", day, price) for day, price in zip(desk.days, prices, strict=False)]
    rows += [bar("BBB", day, 50, volume=0) for n, day in enumerate(desk.days[:6]) if n != 2]
    rows += [rows[0], bar("ZZZ", desk.days[0], 9), bar("AAA", desk.days[0], 7, high=6)]
    return desk.ingest([{**row, "line_no": n} for n, row in enumerate(rows, 2)])


def test_the_report_of_an_ingest_counts_what_became_of_every_row(desk: Desk, mqk: Any) -> None:
    made = ingest(desk)
    report = read(mqk("md", "report", made["ingest_id"], "--json"))
    assert report["coverage"] == {
        "rows_read": 14, "rows_ok": 11, "rows_inserted": 11, "rows_known": 0, "rows_updated": 0,
        "rows_skipped": 1, "rows_rejected": 2,
    }  # fmt: skip
    aaa, bbb, zzz = (report["per_symbol_timeframe"][f"{s}|1D"] for s in ("AAA", "BBB", "ZZZ"))
    assert (aaa["bars_ok"], aaa["bars_rejected"], aaa["duplicates_in_batch"]) == (6, 1, 1)
    assert (aaa["ohlc_sanity_violations"], aaa["outliers"], aaa["gaps"]) == (1, 2, 0)
    assert (bbb["gaps"], bbb["zero_volumes"], bbb["is_monotonic"]) == (1, 5, True)
    assert (aaa["earliest"], aaa["latest"]) == ("2024-01-02T21:00:00Z", "2024-01-09T21:00:00Z")
    assert (zzz["bars_ok"], zzz["bars_rejected"], zzz["earliest"]) == (0, 1, None)
    assert [g["session_on"] for g in report["gaps"]] == [DAY]
    assert [o["move_bps"] for o in report["outliers"]] == [4705, -3200]
    assert [f["finding"] for f in report["findings"]] == ["SYMBOL_UNKNOWN", "OHLC_INSANE"]


def test_the_report_of_an_ingest_says_the_same_for_ever(desk: Desk, mqk: Any) -> None:
    first = ingest(desk)
    before = mqk("md", "report", first["ingest_id"], "--json").stdout
    desk.clock.move_to(close_of(desk.days[6]) + timedelta(minutes=5))
    desk.ingest([{**bar("BBB", desk.days[2], 50), "line_no": 2}])  # the hole is filled
    desk.ingest([{**bar("AAA", desk.days[1], 99), "line_no": 2}])  # a conflict comes
    desk.ingest([{**bar("AAA", desk.days[1], 99), "line_no": 2}], feed="other", is_second=True)
    assert mqk("md", "report", first["ingest_id"], "--json").stdout == before


def test_rows_that_come_backwards_are_told_and_stored(desk: Desk, mqk: Any) -> None:
    rows = [{**bar("AAA", day, 100), "line_no": n} for n, day in enumerate(desk.days[2::-1], 2)]
    made = desk.ingest(rows)
    aaa = read(mqk("md", "report", made["ingest_id"], "--json"))["per_symbol_timeframe"]["AAA|1D"]
    assert (aaa["bars_ok"], aaa["out_of_order"], aaa["is_monotonic"]) == (3, 2, False)


def test_a_holiday_is_no_gap_and_the_threshold_of_outliers_is_exact(desk: Desk, mqk: Any) -> None:
    desk.ingest(
        [{**bar("AAA", day, p), "line_no": n} for n, (day, p) in
         enumerate(zip(desk.days[3:6], (100, 120, "144.000001"), strict=True), 2)]
    )  # fmt: skip  # a weekend lies between
    row = read(mqk("md", "quality", "AAA", "--json"))[0]
    assert (row["bars"], row["gaps"], row["outliers"]) == (3, 0, 1)
    assert read(mqk("md", "quality", "AAA", "--outlier-bps", "1999", "--json"))[0]["outliers"] == 2


def test_the_page_of_an_ingest_stands_alone(desk: Desk, mqk: Any, tmp_path: Path) -> None:
    made = ingest(desk)
    page = tmp_path / "page.html"
    done = mqk("md", "report", made["ingest_id"], "--html", page)
    assert done.exit_code == 0, done.output
    assert "OHLC_INSANE" in done.output
    text = page.read_text()
    assert "<script" not in text
    assert "http" not in text
    assert all(name in text for name in ("Coverage by session", "Closes of AAA", "SYMBOL_UNKNOWN"))


def test_lineage_leads_from_a_bar_to_the_bytes_that_a_feed_answered(
    desk: Desk, mqk: Any, tmp_path: Path
) -> None:
    made = ingest(desk)
    desk.ingest([{**bar("AAA", desk.days[2], 99), "line_no": 2}], feed="other", is_second=True)
    desk.ingest([{**bar("AAA", desk.days[2], 98), "line_no": 2}], feed="third")
    read_back = read(mqk("md", "lineage", "AAA", "1D", DAY, "--json"))
    assert read_back["bar"]["close_micros"] == 102_000_000
    assert read_back["ingest"]["ingest_id"] == str(made["ingest_id"])
    assert (read_back["ingest"]["normaliser"], read_back["ingest"]["gate_result"]) == (
        "test.v1",
        "PARTLY",
    )
    assert [o["feed"] for o in read_back["observations"]] == ["other"]
    assert [(c["feed"], c["close_micros"]) for c in read_back["conflicts"]] == [
        ("third", 98_000_000)
    ]
    (raw,) = read_back["raws"]
    assert (raw["feed"], raw["request"], raw["fetched_by"]) == ("test", {"test": True}, "postgres")
    file = tmp_path / "answer"
    assert mqk("md", "raw", raw["raw_sha256"], "--out", file).exit_code == 0
    assert hashlib.sha256(file.read_bytes()).hexdigest() == raw["raw_sha256"]
    assert len(file.read_bytes()) == raw["bytes"]
    again = mqk("md", "raw", raw["raw_sha256"], "--out", file)  # a file is not overwritten
    assert again.exit_code != 0


def test_a_conflict_is_shown_with_both_values_and_settled_by_a_person(desk: Desk, mqk: Any) -> None:
    ingest(desk)
    desk.ingest([{**bar("AAA", desk.days[2], 98), "line_no": 2}], feed="third")
    (row,) = read(mqk("md", "conflicts", "--json"))
    assert (row["feed"], row["other_feed"], row["is_settled"]) == ("test", "third", False)
    assert ("close 102.000000" in row["stored"], "close 98.000000" in row["other"]) == (True, True)
    words = ("md", "resolve", "CONFLICT", "AAA", "1D", DAY)
    assert mqk(*words).exit_code == 2  # without a reason
    assert mqk(*words, "--reason", "x", group="mqk_auditor").exit_code == 3
    done = mqk(*words, "--reason", "the vendor was wrong")
    assert done.exit_code == 0, done.output
    (row,) = read(mqk("md", "conflicts", "AAA", "--json"))
    assert row["is_settled"]
    assert mqk(*words, "--reason", "again").exit_code == 2  # nothing is left to settle
    who = desk.one("select ruled_by from md.rulings")
    assert who != "postgres"
    assert read(mqk("md", "quality", "AAA", "--json"))[0]["open_conflicts"] == 0


def test_defects_and_ingests_are_listed(desk: Desk, mqk: Any) -> None:
    made = ingest(desk)
    rows = read(mqk("md", "defects", desk.run_id, "--json"))
    kinds = {row["defect"] for row in rows}
    assert kinds == {"CALENDAR_ENDED", "GAP", "STALE"}  # a command's clock is of today
    assert all(row["is_brake"] for row in rows)
    assert read(mqk("md", "ingests", "--json"))[0]["ingest_id"] == str(made["ingest_id"])


@pytest.mark.parametrize(
    "words",
    [
        ("report", "00000000-0000-8000-a000-000000000009"),
        ("raw", "abc", "--out", "never"),
        ("lineage", "AAA", "1D", DAY),
        ("lineage", "AAA", "5m", "2024-01-04 21:00"),  # no offset
        ("resolve", "OUTLIER", "AAA", "1D", DAY, "--reason", "x"),
    ],
)
def test_what_is_not_there_is_refused_by_name(desk: Desk, mqk: Any, words: tuple[str, ...]) -> None:
    done = mqk("md", *words)
    assert done.exit_code == 2, done.output
    assert "MQN5" in done.stderr
