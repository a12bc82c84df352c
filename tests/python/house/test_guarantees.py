"""docs/guarantees.md promises what there is: every test, function and constraint that it names."""

from __future__ import annotations

import re
from importlib.util import find_spec
from typing import Any

from support import ROOT

PAGE = (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith(("| law", "|---"))
]


def test_every_row_has_a_law_a_mechanism_and_a_test() -> None:
    assert len(ROWS) > 40
    assert [row for row in ROWS if len(row) != 3 or not all(row)] == []


def test_every_test_that_is_named_exists() -> None:
    missing = []
    for _, _, named in ROWS:
        name, _, law = named.partition("::")
        files = [
            path
            for path in (ROOT / "tests").rglob(name.rsplit("/", 1)[-1])
            if str(path).endswith(name)
            and (not law or f"def {law}(" in path.read_text(encoding="utf-8"))
        ]
        if len(files) != 1:
            missing.append(named)
    assert missing == []


def test_every_promise_has_its_place(conn: Any) -> None:
    rows = conn.execute(
        "select relname from pg_class where relkind = 'v' and relnamespace = 'inv'::regnamespace"
    )
    assert [row["relname"] for row in rows if f"`inv.{row['relname']}`" not in PAGE] == []


def test_every_mechanism_that_is_named_exists(conn: Any) -> None:
    rows = conn.execute(
        "select n.nspname || '.' || p.proname as name from pg_proc as p"
        "  join pg_namespace as n on n.oid = p.pronamespace"
        " union all select n.nspname || '.' || c.relname from pg_class as c"
        "  join pg_namespace as n on n.oid = c.relnamespace"
        " union all select relname from pg_class union all select conname from pg_constraint"
        " union all select tgname from pg_trigger union all select polname from pg_policy"
    )
    there = {row["name"] for row in rows}
    missing = []
    for name in re.findall(r"`([\w.*]+)`", " ".join(row[1] for row in ROWS)):
        known = (
            name in there or (name.startswith("mqk.") and find_spec(name)) or name == "_grants.sql"
        )
        stem = name.split("*")[0]
        if not known and not ("*" in name and any(one.startswith(stem) for one in there)):
            missing.append(name)
    assert missing == []
