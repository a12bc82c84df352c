"""Bars from CSV files, verbatim. Only what is not a CSV of bars at all is refused here.

Header: symbol,timeframe,session_on,open,high,low,close,volume. UTF-8 without BOM, commas, at most
MAX_BYTES. A value is never converted here: the database reads it exactly or refuses it.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from mqk.errors import MqkError
from mqk.feeds import Row

NORMALISER = "csv.v1"
HEADER = ("symbol", "timeframe", "session_on", "open", "high", "low", "close", "volume")
MAX_BYTES = 64 * 1024 * 1024
MAX_FIELD = 256
GZIP = b"\x1f\x8b"
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class CsvFile:
    """A file that was read: where it is, its bytes, its rows."""

    path: Path
    raw: bytes
    rows: list[Row]


class CsvFeed:
    """One CSV file of bars."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> CsvFile:
        """All rows, with line numbers.

        Raises MqkError MQA20 (cannot be read), MQA21 (too large), MQA22 (not plain text), MQA23
        (another header), MQA24 (a row without all its fields, or with one too long).
        """
        raw = self._bytes()
        return CsvFile(self.path, raw, self._rows(raw))

    def fingerprint(self) -> tuple[int, int, int]:
        """What changes when the file does: inode, time of change in ns, size.

        Raises MqkError MQA20.
        """
        try:
            found = self.path.stat()
        except (OSError, ValueError) as error:
            raise self._unreadable(error) from error
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _bytes(self) -> bytes:
        _, _, size = self.fingerprint()
        if size > MAX_BYTES:
            why = f"{self.path.name}: {size} bytes, at most {MAX_BYTES}"
            raise MqkError("MQA21", "a data file is within its size limits", why, "Split the file.")
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: Exception) -> MqkError:
        why = f"{self.path}: {getattr(error, 'strerror', None) or error}"
        return MqkError("MQA20", "a data file can be read", why, "Check the path, its permissions.")

    def _rows(self, raw: bytes) -> list[Row]:
        reader = csv.reader(self._text(raw).splitlines(keepends=True), strict=True)
        rows: list[Row] = []
        try:
            header = tuple(next(reader, ()))
            if header != HEADER:
                why = f"{self.path.name}: found {','.join(header)[:200]!r}"
                raise MqkError(
                    "MQA23", "a data file has the expected header", why, ",".join(HEADER)
                )
            for values in reader:
                if len(values) != len(HEADER) or max(map(len, values)) > MAX_FIELD:
                    raise self._bad_row(reader.line_num, f"{len(values)} fields")
                rows.append({"line_no": reader.line_num, **dict(zip(HEADER, values, strict=True))})
        except csv.Error as error:
            raise self._bad_row(reader.line_num, str(error)) from error
        return rows

    def _text(self, raw: bytes) -> str:
        law, fix = "a data file is plain UTF-8 text", "Save it as UTF-8 without BOM, uncompressed."
        for mark, name in ((GZIP, "it is compressed"), (BOM, "it begins with a BOM")):
            if raw.startswith(mark):
                raise MqkError("MQA22", law, f"{self.path.name}: {name}", fix)
        if b"\0" in raw:
            raise MqkError("MQA22", law, f"{self.path.name}: it holds a NUL byte", fix)
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError as error:
            why = f"{self.path.name}: byte {error.start}"
            raise MqkError("MQA22", law, why, fix) from error

    def _bad_row(self, line: int, why: str) -> MqkError:
        return MqkError(
            "MQA24",
            "every row of a data file has all its fields",
            f"{self.path.name} line {line}: {why}",
            f"A line has {len(HEADER)} fields of at most {MAX_FIELD} characters.",
        )


class ReplayFeed:
    """Several CSV files as one feed that gives out sessions as time goes on.

    A file that has changed is read again. Replace files whole (write beside, then rename): a row that is
    cut in the middle may look like a good one.
    """

    name = "csv"

    def __init__(self, paths: Sequence[Path]) -> None:
        self._feeds = [CsvFeed(path) for path in paths]
        self._seen: list[tuple[int, int, int]] | None = None
        self._read()

    def fetch(self, after: date | None, until: date) -> list[Row]:
        """Rows of the sessions after `after` up to `until`, numbered in this order."""
        self._read()
        low = bisect_right(self._sessions, after.isoformat()) if after else 0
        high = bisect_right(self._sessions, until.isoformat())
        return [{**row, "line_no": n} for n, row in enumerate(self._rows[low:high], 1)]

    def _read(self) -> None:
        found = [feed.fingerprint() for feed in self._feeds]
        if found == self._seen:
            return
        rows = [row for feed in self._feeds for row in feed.read().rows]
        self._rows = sorted(rows, key=lambda row: (row["session_on"], row["symbol"]))
        self._sessions = [row["session_on"] for row in self._rows]
        self._seen = found
