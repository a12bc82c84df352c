"""The way to the database: every call is counted, traced, and may be the last one of its worker.

`Line` stands in for a worker's connection: `mqk.db.call` goes through it unchanged. What it breaks is the
worker, as kill -9 does: before the call, after it, or in the middle, with all that it did undone.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

import psycopg

from mqk.db import Connection

BEFORE, INSIDE, AFTER = "before", "inside", "after"
MOMENTS = (BEFORE, INSIDE, AFTER)
NAME = re.compile(rb'from "(\w+)"\."(\w+)"')
Row = dict[str, Any]
Seen = Callable[[str, Mapping[str, Any], list[Row]], None]


class Crash(BaseException):
    """The worker is dead. Nothing that it would catch."""


class Rows:
    """What a query gave."""

    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows

    def fetchall(self) -> list[Row]:
        """All of it."""
        return self.rows


class Trace:
    """A digest over everything that went over the line, and, if asked for, the lines themselves."""

    def __init__(self, *, keeps: bool = False) -> None:
        self._digest, self.lines = sha256(), list[str]()
        self.keeps = keeps

    def add(self, *words: object) -> None:
        """One line more."""
        line = " ".join(w if isinstance(w, str) else _write(w) for w in words)
        self._digest.update(line.encode() + b"\n")
        if self.keeps:
            self.lines.append(line)

    @property
    def digest(self) -> str:
        """Of all lines so far."""
        return self._digest.hexdigest()


class Switch:
    """Counts the places that a worker passes, and kills it at one of them, once; or lets somebody else act
    there, between two of its calls.
    """

    def __init__(self) -> None:
        self.left: int | None = None
        self.moment, self.crashes = BEFORE, 0
        self.act: Callable[[], object] | None = None

    def arm(self, places: int, moment: str) -> None:
        """Kill whoever passes that many places from now."""
        self.left, self.moment, self.act = places, moment, None

    def interrupt(self, places: int, act: Callable[[], object]) -> None:
        """Do this when somebody has passed that many places, before the next call."""
        self.left, self.moment, self.act = places, BEFORE, act

    def reset(self) -> None:
        """Kill nobody."""
        self.left = None

    def is_due(self) -> bool:
        """Count one place; whether it is the one."""
        if self.left is None:
            return False
        self.left -= 1
        return self.left < 0

    def fire(self) -> None:
        """Kill, or act. Raises Crash."""
        self.reset()
        if self.act:
            self.act()
            return
        self.crashes += 1
        raise Crash

    def pass_place(self) -> None:
        """A place outside the database: between two steps of a request. Raises Crash."""
        if self.act is None and self.is_due():
            self.fire()


class Line:
    """A worker's connection to the database."""

    def __init__(
        self, conn: Connection, switch: Switch, trace: Trace, calls: Counter[str], seen: Seen
    ) -> None:
        self.conn, self.switch, self.trace, self.calls, self.seen = conn, switch, trace, calls, seen

    def execute(self, query: bytes, values: Mapping[str, Any]) -> Rows:
        """Run a call, or die at it."""
        found = NAME.search(query)
        name = b".".join(found.groups()).decode() if found else query.decode()
        due = self.switch.is_due()
        if due and self.switch.moment == BEFORE:
            self.switch.fire()
        if due and self.switch.moment == INSIDE:
            try:
                with self.conn.transaction(force_rollback=True):
                    self.conn.execute(query, values)
            except psycopg.Error:
                pass  # it would have been refused
            self.switch.fire()
        self.calls[name] += 1
        try:
            rows = self.conn.execute(query, values).fetchall()
        except psycopg.Error as no:
            self.trace.add(name, dict(values), str(no.sqlstate))
            raise
        self.trace.add(name, dict(values), rows)
        self.seen(name, values, rows)
        if due:
            self.switch.fire()
        return Rows(rows)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.conn, name)


def _write(value: object) -> str:
    return json.dumps(value, default=_plain, sort_keys=True)


def _plain(value: Any) -> Any:
    return value.obj if hasattr(value, "obj") else str(value)
