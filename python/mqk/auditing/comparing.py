"""Holds the anchor files of a machine against each other's keys and against the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from mqk.auditing.book import Book
from mqk.auditing.export import Call
from mqk.auditing.verifier import Finding, judge_anchor

Row = dict[str, Any]
BATCH = 5_000


def read_book(book: Book, trusted: list[str], found: list[Finding]) -> Iterator[Row]:
    """The anchors of the files that can be read, in order; what is wrong with them goes into `found`."""
    before: Row | None = None
    for path, line, row in book.read():
        if isinstance(row, Finding):
            found.append(row)
            continue
        found += [Finding(path.name, line, row["anchor_no"], what)
                  for what in judge_anchor(row, before, trusted)]  # fmt: skip
        before = row
        yield row


def compare(call: Call, book: Book, trusted: Iterable[str]) -> tuple[int, list[Finding]]:
    """How many anchors the files hold, and every break of them, by themselves and against the diary."""
    found: list[Finding] = []
    batch: list[Row] = []
    read = 0

    def ask(is_end: bool) -> None:
        rows = call("api.audit_compare", engine_id=book.engine, anchors=list(batch), is_end=is_end)
        found.extend(Finding("database", 0, row["anchor_no"], describe(row)) for row in rows)

    for anchor in read_book(book, list(trusted), found):
        if len(batch) == BATCH:
            ask(False)
            batch.clear()
        batch.append(anchor)
        read += 1
    ask(True)
    return read, found


def describe(row: Row) -> str:
    """A finding of the database with the event that it is about."""
    return f"{row['finding']} (chain {row['chain_id']}, event {row['event_seq']})"
