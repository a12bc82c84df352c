"""Carries reference files and bar files into the database, verbatim; the database judges."""

from __future__ import annotations

import csv
import hashlib
import io
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

from mqk.carrying import PEOPLE, Carrier
from mqk.db import Connection, call, call_value
from mqk.errors import MqkError
from mqk.feeds import Batch
from mqk.feeds.batches import BATCH, cut
from mqk.feeds.csv import NORMALISER, CsvFeed, CsvFile, ReplayFeed
from mqk.feeds.stretches import find_time

CALENDAR = ("exchange_id", "time_zone", "session_on", "opens_at", "closes_at", "is_half_day")
INSTRUMENTS = ("symbol", "exchange_id", "instrument_kind", "name", "listed_on", "delisted_on")
CLASSIFICATIONS = ("symbol", "scheme", "code", "effective_on")


def read_reference(
    path: Path, header: tuple[str, ...], optional: tuple[str, ...] = ()
) -> list[dict[str, Any]]:
    """Rows of a small reference CSV, with or without its optional last columns; an empty cell is null.

    Raises MqkError MQA20 (cannot be read), MQA21 (too large), MQA22 (not UTF-8), MQA23 (another header),
    MQA24 (ragged).
    """
    body = CsvFeed(path).read_bytes()
    try:
        reader = csv.DictReader(io.StringIO(body.decode("utf-8"), newline=""), strict=True)
        if tuple(reader.fieldnames or ()) not in (header, header + optional):
            law = "a data file has the expected header"
            raise MqkError("MQA23", law, f"{path.name}: {header}")
        rows = []
        for row in reader:
            if None in row or None in row.values():
                where = f"{path.name} line {reader.line_num}"
                raise MqkError("MQA24", "every row of a data file has all its fields", where)
            rows.append({key: value or None for key, value in row.items()})
        return rows
    except (UnicodeDecodeError, csv.Error) as error:
        raise MqkError("MQA22", "a data file is plain UTF-8 text", f"{path}: {error}") from error


def load_calendar(conn: Connection, path: Path, now_at: datetime) -> int:
    """Load the sessions of one exchange, in the zone that the file names; give how many were new."""
    rows = read_reference(path, CALENDAR)
    first = rows[0] if rows else {}
    return int(
        call_value(
            conn,
            "api.md_load_calendar",
            exchange_id=first.get("exchange_id"),
            time_zone=first.get("time_zone"),
            rows=rows,
            now_at=now_at,
        )
    )


def load_instruments(conn: Connection, path: Path, now_at: datetime) -> int:
    """Load what names stand for; give how many facts were new."""
    rows = read_reference(path, INSTRUMENTS, ("formerly",))
    return int(call_value(conn, "api.md_load_instruments", rows=rows, now_at=now_at))


def load_actions(conn: Connection, path: Path, now_at: datetime) -> list[dict[str, Any]]:
    """Load splits and cash dividends; give a row each, with whether it is new."""
    header = (
        "symbol", "action_kind", "ex_on", "ratio", "amount", "record_on", "pay_on", "announced_at",
        "cancels",
    )  # fmt: skip
    rows = read_reference(path, header)
    return call(
        conn,
        "api.md_load_actions",
        source=f"csv:{path.name}",
        source_sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        rows=[{"line_no": n, **row} for n, row in enumerate(rows, 2)],
        now_at=now_at,
    )


def load_classifications(conn: Connection, path: Path, now_at: datetime) -> int:
    """Load classes of instruments; give how many were new."""
    rows = read_reference(path, CLASSIFICATIONS)
    return int(call_value(conn, "api.md_load_classifications", rows=rows, now_at=now_at))


def ingest_file(
    conn: Connection,
    file: CsvFile,
    policy: str,
    now_at: datetime,
    until: str = "9999-12-31",
    timeframe: str = "",
) -> dict[str, Any]:
    """Ingest the rows of a bar file up to a day (ISO date); give the ingest's report. Without a timeframe
    the first row says it.
    """
    rows = [row for row in file.rows if find_time(row)[:10] <= until]
    timeframe = timeframe or (rows[0]["timeframe"] if rows else "1D")
    carrier = Carrier(conn, ReplayFeed.name, PEOPLE)
    return carrier.ingest_rows(Batch([file.raw], NORMALISER, timeframe, rows), now_at, policy)


def ingest_batches(
    conn: Connection,
    feed: CsvFeed,
    policy: str,
    now_at: datetime,
    timeframe: str = "",
    size: int = BATCH,
) -> tuple[list[dict[str, Any]], str]:
    """Ingest a bar file of any length in batches of `size` rows; give a report a batch, and what is to
    be known of files of this shape. Under REFUSE its batches are one transaction; under KEEP_GOOD each
    is one, and to come again with the file is to go on.
    """
    raw, shape, rows = feed.open()
    carrier = Carrier(conn, ReplayFeed.name, PEOPLE)
    reports = []
    with conn.transaction() if policy == "REFUSE" else nullcontext():
        for part in cut(rows, size):
            timeframe = timeframe or (part[0]["timeframe"] if part else "1D")
            batch = Batch([raw], NORMALISER, timeframe, part)
            reports.append(carrier.ingest_rows(batch, now_at, policy))
    return reports, shape.note
