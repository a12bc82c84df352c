"""docs/guarantees.toml and docs/acceptance.toml promise what there is: tests, constraints, views."""

from __future__ import annotations

import re
from importlib.util import find_spec
from typing import Any

import pytest

from house import laws
from house.laws import NOTES, Proof, find_test, list_tests, list_views, read_areas, read_groups
from house.readiness import judge
from support import ROOT

ROWS = [row for area in read_areas() for row in area.laws]
NAMES = [name for group in read_groups() for name in group.names]
PAGE = (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")
# Every list of the specification, and how many names it has.
LISTS = {
    "Institutional grade": [f"G-{n}" for n in range(1, 9)],
    "Scenarios": [f"T{n:02}" for n in range(1, 64)],
    "Crash matrix": [f"C{n}" for n in range(1, 9)],
    "Order of events": [f"E{n}" for n in range(1, 6)],
    "Conservation of capital": [f"K{n}" for n in range(1, 6)],
    "Kill switch": [f"I{n}" for n in range(1, 7)],
    "Hostile broker": [f"H{n}" for n in range(1, 7)],
    "Further tests": [f"N{n:02}" for n in range(1, 64)],
    "Criteria of the audit": [
        f"{letter}{n}"
        for letter, last in zip("ABCDEFGHS", (5, 3, 2, 3, 2, 3, 2, 2, 1), strict=True)
        for n in range(1, last + 1)
    ],
}


def test_every_row_has_a_law_a_mechanism_and_a_test() -> None:
    assert len(ROWS) > 300
    assert [row for row in ROWS if len(row) != 3 or not all(row) or "|" in "".join(row)] == []
    told = [row[0] for row in ROWS]
    assert sorted(set(told)) == sorted(told)


def test_every_test_that_is_named_exists() -> None:
    named = [row[2] for row in ROWS] + [test for name in NAMES for test in name.tests]
    assert [name for name in named if find_test(name) is None] == []


def test_a_test_that_does_not_exist_or_that_two_files_have_is_not_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there = ["tests/a/test_x.py::test_y", "tests/b/test_x.py::test_y", "tests/b/test_x.py::test_z"]
    monkeypatch.setattr(laws, "list_tests", lambda: dict.fromkeys(there))
    assert find_test("test_x.py::test_z") == there[2]
    assert find_test("b/test_x.py::test_y") == there[1]
    for named in ("test_x.py::test_y", "test_x.py::test_", "x.py::test_z", "test_x.py", ""):
        assert find_test(named) is None


def test_every_name_of_the_specification_is_there_once() -> None:
    found = {group.title: [name.name for name in group.names] for group in read_groups()}
    promises = found.pop("Invariants")
    assert found == LISTS
    assert {f"I{n:02}" for n in range(1, 49)} <= set(promises)
    assert sorted(set(promises)) == sorted(promises)


def test_a_name_has_a_test_or_says_why_not() -> None:
    assert [n.name for n in NAMES if not n.tests and not n.note.startswith(NOTES)] == []
    assert [n.name for n in NAMES if n.note and not n.note.startswith(NOTES)] == []
    assert [n.name for n in NAMES if n.note in NOTES] == []


def test_every_promise_of_a_view_is_named_and_every_view_has_its_promise(conn: Any) -> None:
    rows = conn.execute(
        "select relname from pg_class where relkind = 'v' and relnamespace = 'inv'::regnamespace"
    )
    views = {row["relname"] for row in rows}
    assert {view for kept in list_views().values() for view in kept} == views
    promises = {
        n.name for group in read_groups() if group.title == "Invariants" for n in group.names
    }
    assert sorted(one for one in list_views() if one not in promises) == []


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
        " union all select n.nspname || '.' || c.relname || '.' || a.attname from pg_attribute as a"
        "  join pg_class as c on c.oid = a.attrelid join pg_namespace as n on n.oid = c.relnamespace"
        "  where a.attgenerated <> '' and not a.attisdropped"
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


def test_a_page_of_another_branch_is_taken_into_the_source(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "guarantees.toml"
    source.write_text(laws.LAWS.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(laws, "LAWS", source)
    first = read_areas()[0]
    law, kept, test = first.laws[0]
    page = tmp_path / "page.md"
    page.write_text(
        f"## {first.title}\n\n| law | mechanism | test |\n|---|---|---|\n| {law} | {kept} | {test} |\n"
        f"| A new law | `a_thing` | {test} |\n\n## New\n\n| Another | `b` | {test} |\n",
        encoding="utf-8",
    )
    assert laws.take(page) == 2
    assert laws.take(page) == 0
    assert read_areas()[0].laws[-1] == ("A new law", "`a_thing`", test)
    assert read_areas()[-1].title == "New"
    assert len([row for area in read_areas() for row in area.laws]) == len(ROWS) + 2


def proof(test: str, outcome: str) -> dict[str, Proof]:
    """A ledger of one test."""
    found = find_test(test) or test
    return {found: Proof(found, outcome, 1, 0, 0, "2026-01-02", "abc")}


def test_a_name_is_proven_only_if_every_test_of_it_passed() -> None:
    one, two = list_tests(), "campaign:crashes"
    test = next(iter(one))
    both = laws.Name("X", "x", [test, two], "")
    assert judge(both, {}) == "UNPROVEN"
    assert judge(both, proof(test, "PASSED")) == "UNPROVEN"
    assert judge(both, proof(test, "PASSED") | proof(two, "FAILED")) == "UNPROVEN"
    assert judge(both, proof(test, "SKIPPED") | proof(two, "PASSED")) == "UNPROVEN"
    assert judge(both, proof(test, "PASSED") | proof(two, "PASSED")) == "PROVEN"
    assert judge(laws.Name("X", "x", [], ""), proof(test, "PASSED")) == "UNPROVEN"
    assert judge(laws.Name("X", "x", [test], "open: why"), proof(test, "PASSED")) == "OPEN"
