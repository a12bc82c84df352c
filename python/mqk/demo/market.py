"""The demo's market: the shipped calendar, instruments and bars."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from rich.console import Console

from mqk.db import Connection
from mqk.desk import config_root, data_root
from mqk.errors import MqkError
from mqk.feeds.csv import CsvFeed
from mqk.loading import ingest_file, load_calendar, load_instruments


def trading_days(start: date, count: int) -> list[datetime]:
    """Closes of `count` sessions from `start` on, out of the shipped calendar."""
    first = start.isoformat()
    with (config_root() / "calendars" / "XNYS.csv").open(encoding="utf-8") as source:
        closes = [row["closes_at"] for row in csv.DictReader(source) if row["session_on"] >= first]
    last = max(row["session_on"] for f in bar_files() for row in _rows(f))
    days = [datetime.fromisoformat(c) for c in closes if c[:10] <= last][:count]
    if not days:
        raise MqkError("MQA02", "a value is out of its range", f"--from {first}", f"Before {last}.")
    return days


def bar_files() -> list[Path]:
    """The bundled bars, one file a symbol."""
    return sorted((data_root() / "bars").glob("*.csv"))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as source:
        yield from csv.DictReader(source)


def load_market(operator: Connection, now: datetime, say: Console) -> None:
    """Load calendar, instruments and the bars before the first session, each with its report."""
    sessions = load_calendar(operator, config_root() / "calendars" / "XNYS.csv", now)
    load_instruments(operator, data_root() / "instruments.csv", now)
    say.print(f"calendar: {sessions} new sessions")
    before = (now.date() - timedelta(days=1)).isoformat()
    for path in bar_files():
        report = ingest_file(operator, CsvFeed(path).read(), "REFUSE", now, until=before)
        say.print(
            f"{path.stem}: {report['rows_read']} bars read, {report['rows_stored']} stored,"
            f" {report['rows_rejected']} rejected"
        )
