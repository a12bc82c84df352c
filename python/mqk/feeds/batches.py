"""Rows cut into batches as io.ingest_bars and api.md_ingest take them fastest: a line of text a row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from mqk.feeds import Row

BATCH = 20_000  # rows of one ingest: some 2 MB of text, 20 MB in the server


def cut(rows: Iterable[Row], size: int = BATCH) -> Iterator[list[Row]]:
    """Lists of at most `size` rows, in their order, read as they are asked for; an empty one if there
    are none.
    """
    left = iter(rows)
    batch = list(islice(left, size))
    while True:
        yield batch
        if not (batch := list(islice(left, size))):
            return


def pack(rows: Sequence[Row]) -> Any:
    """The rows as {"columns": [...], "lines": "..."}: tabs part the fields, a line feed the rows. Where
    that cannot tell them apart (a tab in a value, rows of several shapes, a value that is no text), or
    there are none, the list of the rows.
    """
    columns = list(rows[0]) if rows else [""]
    try:
        lines = ["\t".join([str(row["line_no"]), *list(row.values())[1:]]) for row in rows]
    except (KeyError, TypeError):
        return list(rows)
    text = "\n".join(lines)
    alike = columns[0] == "line_no" and all(list(row) == columns for row in rows)
    tabs, feeds = len(rows) * (len(columns) - 1), len(rows) - 1
    exact = (text.count("\t"), text.count("\n")) == (tabs, feeds)
    return {"columns": columns, "lines": text} if alike and exact else list(rows)
