"""What a database holds: a digest of each table of the house, and which of them changed."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from support import ROOT

TABLES = """
select format('%I.%I', n.nspname, c.relname) as name
  from pg_class as c
  join pg_namespace as n on n.oid = c.relnamespace
 where pg_get_userbyid(n.nspowner) = 'mqk_owner'
   and c.relkind in ('r', 'p')
 order by 1"""
CATALOG = """
select 'catalog' as name, count(*)::text || sum(hashtextextended(line, 0))::text as digest
  from (select format('%s %s %s', oid, proacl, md5(prosrc)) from pg_proc
         union all
        select format('%s %s %s %s', oid, relname, relacl, relowner) from pg_class
         where relnamespace::regnamespace::text !~ '^pg_(temp|toast)'
         union all
        select format('%s %s %s', nspname, nspacl, nspowner) from pg_namespace
         where nspname !~ '^pg_(temp|toast)'
         union all
        select format('%s %s', tgname, tgenabled) from pg_trigger
         union all
        select format('%s %s', conname, pg_get_constraintdef(oid)) from pg_constraint
         union all
        select format('%s %s', rolname, rolsuper) from pg_roles where rolname ~ '^(mqk_|evil|fuzz{pid}_)'
         union all
        select format('%s %s', roleid, member) from pg_auth_members
         where member in (select oid from pg_roles where rolname ~ '^(mqk_|evil|fuzz{pid}_)')
         union all
        select format('%s', oid) from pg_largeobject_metadata) as l (line)""".replace(
    "{pid}", str(os.getpid())
)
DIARY = {"audit.events", "audit.chains", "audit.actings", "ops.operator_actions", "ops.token_uses"}
PAGE = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
CODES = set(re.findall(r"^## (\w{5})$", PAGE, re.M))
FAMILIES = ("22", "23", "08", "53", "57P", "40001", "40P01", "55P03", "42501")

Digests = Mapping[str, str]


def is_catalogued(code: str) -> bool:
    """Whether docs/errors.md tells what a code means."""
    return code in CODES or code.startswith(FAMILIES)


class State:
    """The tables of one database, and if asked for its catalog, read by its superuser."""

    def __init__(self, conn: Any, *, catalog: bool = False) -> None:
        self.conn = conn
        self.known: tuple[str, Digests] = ("", {})
        names = [row["name"] for row in conn.execute(TABLES).fetchall()]
        assert len(names) > 100
        one = (
            "select '{0}' as name, count(*)::text || ' '"
            " || coalesce(sum(hashtextextended(x::text, 0)), 0)::text as digest from {0} as x"
        )
        self.query = " union all ".join([*([CATALOG] if catalog else []), *map(one.format, names)])

    def read(self) -> Digests:
        """Each name and its digest; looked up only if anybody has written anything since."""
        ask = "select pg_current_wal_insert_lsn()::text as lsn"
        lsn = str(self.conn.execute(ask).fetchone()["lsn"])
        if lsn != self.known[0]:
            rows = self.conn.execute(self.query, prepare=True).fetchall()
            self.known = (lsn, {row["name"]: row["digest"] for row in rows})
        return self.known[1]

    def broken(self) -> list[str]:
        """Promises that do not hold."""
        rows = self.conn.execute("select * from inv.verify_all() where violations > 0").fetchall()
        return [f"{row['invariant']}: {row['first_one']}" for row in rows]


def changed(before: Digests, after: Digests) -> set[str]:
    """What is not as it was."""
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}
