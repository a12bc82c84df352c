"""What feeds have in common: stretches of days that one answer can hold, and rows in one order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

from mqk.feeds import Row, Want


def cut(want: Want, days: int) -> Iterator[Want]:
    """The same question in stretches of at most so many days, oldest first, none overlapping."""
    from_on = want.from_on
    while from_on <= want.until_on:
        until_on = min(from_on + timedelta(days=days - 1), want.until_on)
        yield replace(want, from_on=from_on, until_on=until_on)
        from_on = until_on + timedelta(days=1)


def put_in_order(rows: Iterable[Row]) -> list[Row]:
    """The rows by time, numbered from 1; what is said twice in the same words is said once. Two that
    differ about one bar are both kept: which of them counts, if any, is not for a feed to say.
    """
    once = {tuple(sorted(row.items())): row for row in rows}
    order = sorted(once, key=lambda key: (find_time(once[key]), key))
    return [{"line_no": n, **once[key]} for n, key in enumerate(order, 1)]


def find_time(row: Row) -> str:
    """The text by which a row is in order: its day or its instant; empty for a row without."""
    times = (row.get(name) for name in ("session_on", "starts_at", "ends_at"))
    return str(next((time for time in times if time is not None), ""))
