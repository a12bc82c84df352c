"""Laws of real bars (data/us_daily beside the project, or under MQK_SHARED; skipped without them): they
are taken in clean, closed days are no gaps but a file's own hole is one, and what the market did shows as
outliers of raw prices.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mqk.db import Connection, call_row, call_value, connect
from mqk.loading import load_calendar
from support import ROOT, SERVER

SHARED = Path(os.environ.get("MQK_SHARED", ROOT.parent / "shared"))
FOLDER = SHARED / "data" / "us_daily"
FILES = [path for path in sorted(FOLDER.glob("*.csv")) if ".factors" not in path.name]
NOW = datetime(2024, 1, 1, tzinfo=UTC)
JUMPS = {  # close to close, raw: four splits, and a fall that is none
    "2000-06-21": "a split 2:1",
    "2000-09-29": "a warning of profits",
    "2005-02-28": "a split 2:1",
    "2014-06-09": "a split 7:1",
    "2020-08-31": "a split 4:1",
}
RENAMED = ("2004-12-01", "2011-03-22")  # QQQ was called QQQQ then; the file has nothing of it
HALF_DAYS = ("1999-11-26", "2003-12-24", "2008-11-28", "2013-07-03", "2018-12-24", "2020-11-27")
CLOSED = ("2001-09-11", "2004-06-11", "2007-01-02", "2012-10-29", "2018-12-05")

pytestmark = pytest.mark.skipif(not FILES, reason="data/us_daily is not here (MQK_SHARED)")


@pytest.fixture(scope="module")
def store() -> Iterator[Connection]:
    """A store with the calendar of XNYS and the five instruments."""
    with SERVER.clone() as db:
        conn = connect(db.url)
        load_calendar(conn, ROOT / "config" / "calendars" / "XNYS.csv", NOW)
        listed = [
            {"symbol": p.stem, "exchange_id": "XNYS", "instrument_kind": "EQUITY", "name": p.stem}
            for p in FILES
        ]
        call_value(conn, "api.md_load_instruments", rows=listed, now_at=NOW)
        yield conn
        conn.close()


def ingest(conn: Connection, path: Path) -> dict[str, Any]:
    """Take in a file under REFUSE: one bad row would refuse it whole. Give its report."""
    with path.open(newline="") as source:
        rows = [
            {
                **{key: row[key] for key in ("open", "high", "low", "close", "volume")},
                "line_no": n, "symbol": path.stem, "timeframe": "1D", "session_on": row["date"],
            }
            for n, row in enumerate(csv.DictReader(source), 2)
        ]  # fmt: skip
    raw = call_value(
        conn, "api.md_keep_raw", feed="us_daily", request={"file": path.name},
        content_type="text/csv", body=path.read_bytes(), now_at=NOW,
    )  # fmt: skip
    report = call_row(
        conn, "api.md_ingest", feed="us_daily", is_second=False, raws=[raw], normaliser="us_daily.v1",
        timeframe="1D", policy="REFUSE", rows=rows, now_at=NOW,
    )  # fmt: skip
    assert report is not None
    built = call_value(conn, "api.md_report", ingest_id=report["ingest_id"], outlier_bps=2000)
    return dict(json.loads(json.dumps(built)))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_real_bars_are_taken_in_clean_and_closed_days_are_no_gaps(
    store: Connection, path: Path
) -> None:
    report = ingest(store, path)
    row = report["per_symbol_timeframe"][f"{path.stem}|1D"]
    lines = path.read_text().count("\n") - 1
    assert report["coverage"]["rows_inserted"] == report["coverage"]["rows_read"]
    assert row["bars_ok"] in (lines, lines + 1)
    assert (row["bars_rejected"], row["bars_skipped"]) == (0, 0)
    holes = [str(r["session_on"]) for r in store.execute(
        "select session_on from md.list_ingest_gaps(%s)", [report["ingest"]["ingest_id"]])]  # fmt: skip
    assert len(holes) == row["gaps"] == (1588 if path.stem == "QQQ" else 0)
    if path.stem == "QQQ":
        assert (holes[0], holes[-1]) == RENAMED
    assert row["is_monotonic"]
    days = {str(r["session_on"]) for r in store.execute(
        "select session_on from md.bars where symbol = %s", [path.stem])}  # fmt: skip
    first = min(days)
    assert {day for day in HALF_DAYS if day >= first and day not in holes} <= days
    assert not set(CLOSED) & days
    if path.stem == "AAPL":
        jumps = {o["session_on"] for o in report["outliers"]}
        assert set(JUMPS) <= jumps
        splits = [o for o in report["outliers"] if o["session_on"] in JUMPS]
        assert all(o["move_bps"] < -4000 for o in splits)
