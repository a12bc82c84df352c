"""Bars from CSV files, verbatim. Only what is not a CSV of bars at all is refused here.

Headers: mqk.feeds.shapes. UTF-8 without BOM, commas, at most MAX_BYTES and MAX_ROWS. A value is never
converted here: the database reads it exactly or refuses it.
"""

from __future__ import annotations

import csv
import io
import os
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Any

from mqk.config.secrets import FEED_FILES
from mqk.errors import MqkError
from mqk.feeds import Batch, Outside, Quota, Raw, Row, Want, take_options
from mqk.feeds.shapes import Shape, find_shape
from mqk.feeds.stretches import find_time

HEADER = ("symbol", "timeframe", "session_on", "open", "high", "low", "close", "volume")
MAX_BYTES = 64 * 1024 * 1024
MAX_ROWS = 1_000_000
MAX_FIELD = 256
GZIP = b"\x1f\x8b"
BOM = b"\xef\xbb\xbf"
NORMALISER = "csv.v1"


@dataclass(frozen=True)
class CsvFile:
    """A file that was read: where it is, its bytes, its rows, its shape."""

    path: Path
    raw: Raw
    rows: list[Row]
    shape: Shape


class CsvFeed:
    """One CSV file of bars. `shape` names the only shape it may have (empty: any that is known); `symbol`
    and `timeframe` say what the shape does not; without a symbol, it is the name of the file.
    """

    def __init__(self, path: Path, shape: str = "", symbol: str = "", timeframe: str = "") -> None:
        self.path, self.shape, self.symbol, self.timeframe = path, shape, symbol, timeframe

    def read(self) -> CsvFile:
        """All rows, with line numbers.

        Raises MqkError MQA20 (cannot be read), MQA21 (too large), MQA22 (not plain text), MQA23
        (another header), MQA24 (a row without all its fields, or with one too long), MQA01 (nobody says
        the timeframe), MQA02 (the file says otherwise).
        """
        raw, shape, rows = self.open()
        return CsvFile(self.path, raw, list(rows), shape)

    def open(self) -> tuple[Raw, Shape, Iterator[Row]]:
        """The answer to keep, its shape, and its rows one by one. The file has been read to its end once
        before the first of them is given. Raises MqkError as read does.
        """
        body = self.read_bytes()
        shape, rows = self.read_rows(body)
        deque(rows, maxlen=0)
        kept = Raw({"file": self.path.name, "shape": shape.name}, "text/csv", body)
        return kept, *self.read_rows(body)

    def fingerprint(self) -> tuple[int, int, int]:
        """What changes when the file does: inode, time of change in ns, size.

        Raises MqkError MQA20.
        """
        try:
            found = self.path.stat()
        except (OSError, ValueError) as error:
            raise self._unreadable(error) from error
        if not (S_ISREG(found.st_mode) or S_ISDIR(found.st_mode)):  # a device has no end
            raise self._unreadable(ValueError("not a plain file"))
        return found.st_ino, found.st_mtime_ns, found.st_size

    def read_bytes(self) -> bytes:
        """The whole file. Raises MqkError MQA20, MQA21."""
        _, _, size = self.fingerprint()
        if size > MAX_BYTES:
            raise self._too_large(f"{size} bytes, at most {MAX_BYTES}")
        try:
            raw = self.path.read_bytes()
        except OSError as error:
            raise self._unreadable(error) from error
        if (lines := max(raw.count(b"\n"), raw.count(b"\r"))) > MAX_ROWS:
            raise self._too_large(f"{lines} lines, at most {MAX_ROWS}")
        return raw

    def _too_large(self, why: str) -> MqkError:
        law = "a data file is within its size limits"
        return MqkError("MQA21", law, f"{self.path.name}: {why}", "Split the file.")

    def _unreadable(self, error: Exception) -> MqkError:
        why = f"{self.path}: {getattr(error, 'strerror', None) or error}"
        return MqkError("MQA20", "a data file can be read", why, "Check the path, its permissions.")

    def read_rows(self, raw: bytes) -> tuple[Shape, Iterator[Row]]:
        """The shape of these bytes and their rows. Raises MqkError MQA22 to MQA24, MQA01, MQA02."""
        self._check_text(raw)
        reader = csv.reader(
            io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8", newline=""), strict=True
        )
        try:
            header = tuple(next(reader, ()))
        except csv.Error as error:
            raise self._bad_row(reader.line_num, str(error), len(HEADER)) from error
        shape = find_shape(header, self.shape)
        if shape is None:
            why = f"{self.path.name}: found {','.join(header)[:200]!r}"
            raise MqkError("MQA23", "a data file has the expected header", why, ",".join(HEADER))
        return shape, self._rows(reader, header, shape, self._say(shape))

    def _rows(
        self, reader: Any, header: tuple[str, ...], shape: Shape, said: dict[str, str]
    ) -> Iterator[Row]:
        try:
            for values in reader:
                if len(values) != len(header) or max(map(len, values)) > MAX_FIELD:
                    raise self._bad_row(reader.line_num, f"{len(values)} fields", len(header))
                row = shape.read(dict(zip(header, values, strict=True)))
                yield {"line_no": reader.line_num, **said, **row}
        except csv.Error as error:
            raise self._bad_row(reader.line_num, str(error), len(HEADER)) from error

    def _say(self, shape: Shape) -> dict[str, str]:
        """What is true of every row and the shape does not say. Raises MqkError MQA01, MQA02."""
        file = f"{self.path.name}, a file of shape {shape.name},"
        law = "a value is out of its range"
        if self.symbol and "symbol" not in shape.lacks:
            raise MqkError(
                "MQA02", law, f"{file} names its symbols itself", "Leave the symbol out."
            )
        if shape.timeframe not in ("", self.timeframe or shape.timeframe):
            why = f"{file} has bars of {shape.timeframe}, not {self.timeframe}"
            raise MqkError("MQA02", law, why, "Leave the timeframe out.")
        timeframe = shape.timeframe or self.timeframe
        if "timeframe" in shape.lacks and not timeframe:
            why = f"{file} does not say its timeframe"
            raise MqkError("MQA01", "an argument is missing", why, "Give the timeframe.")
        said = {"symbol": self.symbol or self.path.stem, "timeframe": timeframe}
        return {name: said[name] for name in shape.lacks}

    def _check_text(self, raw: bytes) -> None:
        law, fix = "a data file is plain UTF-8 text", "Save it as UTF-8 without BOM, uncompressed."
        for mark, name in ((GZIP, "it is compressed"), (BOM, "it begins with a BOM")):
            if raw.startswith(mark):
                raise MqkError("MQA22", law, f"{self.path.name}: {name}", fix)
        if b"\0" in raw:
            raise MqkError("MQA22", law, f"{self.path.name}: it holds a NUL byte", fix)
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError as error:
            why = f"{self.path.name}: byte {error.start}"
            raise MqkError("MQA22", law, why, fix) from error

    def _bad_row(self, line: int, why: str, fields: int) -> MqkError:
        return MqkError(
            "MQA24",
            "every row of a data file has all its fields",
            f"{self.path.name} line {line}: {why}",
            f"A line has {fields} fields of at most {MAX_FIELD} characters.",
        )


class ReplayFeed:
    """Several CSV files as one feed that gives out days as time goes on.

    A file that has changed is read again. Replace files whole (write beside, then rename): a row that is
    cut in the middle may look like a good one.
    """

    name = "csv"
    timeframes = ("1m", "5m", "15m", "1H", "1D")
    is_metered = False
    keys: Sequence[str] = ()
    limits = "none"

    def __init__(self, paths: Sequence[Path], timeframe: str = "") -> None:
        self._feeds = [CsvFeed(path, timeframe=timeframe) for path in paths]
        self._seen: list[tuple[int, int, int]] | None = None
        self._read()

    def quota(self) -> Quota:
        """Without a limit."""
        return Quota()

    def fetch(self, wants: Sequence[Want]) -> Iterator[Batch]:
        """A batch a timeframe: the rows of the days that are asked for, numbered in the order of time."""
        self._read()
        asked = {(want.symbol, want.timeframe): want for want in wants}
        for timeframe in dict.fromkeys(want.timeframe for want in wants):
            low = min(want.from_on for want in wants).isoformat()
            high = max(want.until_on for want in wants).isoformat()
            part = range(bisect_left(self._days, low), bisect_right(self._days, high))
            found = [
                n
                for n in part
                if self._rows[n]["timeframe"] == timeframe and self._is_asked(n, asked)
            ]
            raws = dict.fromkeys(self._raws[n] for n in found)
            rows = [{**self._rows[n], "line_no": line} for line, n in enumerate(found, 1)]
            if rows:
                yield Batch(list(raws), NORMALISER, timeframe, rows)

    def _is_asked(self, n: int, asked: Mapping[tuple[str, str], Want]) -> bool:
        row = self._rows[n]
        want = asked.get((row["symbol"], row["timeframe"]))
        day = self._days[n]
        return want is not None and want.from_on.isoformat() <= day <= want.until_on.isoformat()

    def _read(self) -> None:
        found = [feed.fingerprint() for feed in self._feeds]
        if found == self._seen:
            return
        files = [feed.read() for feed in self._feeds]
        pairs = [(row, file.raw) for file in files for row in file.rows]
        pairs.sort(key=lambda pair: (find_time(pair[0]), pair[0]["symbol"]))
        self._rows = [row for row, _ in pairs]
        self._raws = [raw for _, raw in pairs]
        self._days = [find_time(row)[:10] for row in self._rows]
        self._seen = found


class CsvFiles(ReplayFeed):
    """The feed of the files that MQK_FEED_FILES names. Option: timeframe, for shapes that say none."""

    def __init__(self, options: Mapping[str, Any], outside: Outside) -> None:
        taken = take_options(self.name, options, timeframe="")
        paths = [Path(p) for p in outside.secrets.find(FEED_FILES).split(os.pathsep) if p]
        super().__init__(paths, taken["timeframe"])
