"""What somebody with the owner's power may change unseen: each column of each table, one row at a time.

A change is refused (by a constraint, a trigger, a generated column), or a promise of `inv` shows it, or
nobody sees it. What nobody sees is listed in tests/fuzz/unseen.txt, and nothing else may be.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import psycopg

from fuzz.state import State
from kit import GIVEN, Desk
from support import ROOT, Database

LIST = ROOT / "tests" / "fuzz" / "unseen.txt"
COLUMNS = """
select format('%I.%I', n.nspname, c.relname) as "table", quote_ident(a.attname) as "column",
       format_type(a.atttypid, null) as kind
  from pg_class as c
  join pg_namespace as n on n.oid = c.relnamespace
  join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
 where pg_get_userbyid(n.nspowner) = 'mqk_owner'
   and c.relkind in ('r', 'p')
 order by 1, 2"""
MORE = {
    "bigint": "coalesce({c}, 0) + 1", "integer": "coalesce({c}, 0) + 1", "smallint": "coalesce({c}, 0) + 1",
    "numeric": "coalesce({c}, 0) + 1", "text": "coalesce({c}, '') || 'x'",
    "boolean": "not coalesce({c}, false)",
    "jsonb": "'{{\"evil\": 1}}'", "date": "coalesce({c}, '2024-01-02') + 1", "text[]": "{c} || 'x'",
    "uuid": "'ffffffff-0000-8000-a000-ffffffffffff'", "bytea": "'\\x00'", "pg_lsn": "'0/1'",
    "timestamp with time zone": "coalesce({c}, '2024-01-02') + interval '1 s'",
}  # fmt: skip


def pick(table: str, chance: Random) -> str:
    """One of the table's rows, if it has any."""
    nth = f"(select {chance.randrange(1000)} % greatest(count(*), 1) from {table})"
    return f"(select ctid from {table} order by ctid offset {nth} limit 1)"


class Safe:
    """A desk that has traded, and a login that is its owner."""

    def __init__(self, db: Database) -> None:
        self.desk = Desk(db.url, strategy={**GIVEN, "protective_stop_bps": 5000})
        self.desk.start()
        self.desk.plan(2, AAA=10)
        self.desk.tick("gateway")
        for index, price in ((3, 100), (4, 104)):
            self.desk.close(
                index, ticks=("marketdata", "broker_events", "snapshots"), AAA=price, BBB=50
            )
        self.desk.plan(5, AAA=4)
        self.desk.tick("gateway")
        self.desk.close(6, ticks=("marketdata", "broker_events", "snapshots"), AAA=101, BBB=50)
        self.state = State(self.desk.conn)
        assert self.state.broken() == []
        self.login = f"fuzz{os.getpid()}_owner"
        db.create_login(self.login, "mqk_owner")
        self.conn = db.connect(user=self.login)
        self.conn.execute("set role mqk_owner")
        self.columns = self.desk.conn.execute(COLUMNS).fetchall()
        self.seen: Counter[str] = Counter()

    def changes(self, chance: Random) -> Iterator[tuple[str, str]]:
        """Name and statement: each column of a row, and a row less, of every table that has rows."""
        for one in self.columns:
            row = pick(one["table"], chance)
            value = MORE.get(one["kind"], "null").format(c=one["column"])
            yield (
                f"{one['table']}.{one['column']}",
                f"update {one['table']} set {one['column']} = {value} where ctid = {row}",
            )
        for table in sorted({one["table"] for one in self.columns}):
            yield f"{table} less a row", f"delete from {table} where ctid = {pick(table, chance)}"

    def judge(self, statement: str) -> str:
        """REFUSED, SEEN, UNSEEN, or NOTHING was changed; all is undone."""
        try:
            with self.conn.transaction(force_rollback=True):
                if self.conn.execute(statement).rowcount < 1:
                    return "NOTHING"
                self.conn.execute("set constraints all immediate")
                ask = "select count(*) as n from inv.verify_all() where violations > 0"
                return "SEEN" if self._one(ask) else "UNSEEN"
        except psycopg.Error:
            return "REFUSED"

    def _one(self, ask: str) -> Any:
        row = self.conn.execute(ask).fetchone()
        assert row is not None
        return row["n"]

    def search(self, chance: Random, ends: float = 0, clock: Any = None) -> list[str]:
        """Names of all that nobody sees; until the time is over, if it is said."""
        found = []
        for name, statement in self.changes(chance):
            if clock and clock() > ends:
                break
            outcome = self.judge(statement)
            self.seen[outcome] += 1
            found += [name] if outcome == "UNSEEN" else []
        return found

    def close(self) -> None:
        """Leave no login behind."""
        self.conn.close()
        self.desk.conn.execute(f'drop role "{self.login}"')
        self.desk.conn.close()


def list_known() -> set[str]:
    """What nobody sees, as it is known; the rest of a line says why."""
    lines = LIST.read_text(encoding="utf-8").splitlines()
    return {line.partition("  ")[0] for line in lines if line and not line.startswith("#")}
