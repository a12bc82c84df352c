"""The error registry and the raises agree, in SQL and in Python."""

from __future__ import annotations

import re
from typing import Any

import psycopg

from house.docs import python_laws
from support import ROOT

CODE = re.compile(r"\bMQ[ANSGI]\d\d\b")
SEED = ROOT / "sql" / "core" / "_seed.sql"


def list_registered(conn: psycopg.Connection[Any]) -> set[str]:
    """The codes of the registry as it is deployed."""
    return {row["error_code"] for row in conn.execute("select error_code from core.error_codes")}


def list_named(folder: str, suffix: str) -> dict[str, set[str]]:
    """Codes named in statements, not in comments, of the files of a folder: code -> files."""
    named: dict[str, set[str]] = {}
    for path in (ROOT / folder).rglob(f"*{suffix}"):
        if path == SEED:
            continue
        text = path.read_text(encoding="utf-8")
        if suffix == ".sql":
            text = re.sub(r"^comment on .*?\$\$.*?\$\$;", "", text, flags=re.M | re.S)
            text = re.sub(r"--[^\n]*", "", text)
            found = set(re.findall(r"'(MQ[A-Z]\d\d)'", text))
        else:
            found = set(re.findall(r"[\"'](MQ[A-Z]\d\d)[\"']", text))
        for code in found:
            named.setdefault(code, set()).add(str(path.relative_to(ROOT)))
    return named


def test_what_sql_raises_is_registered(conn: psycopg.Connection[Any]) -> None:
    registered = list_registered(conn)
    named = list_named("sql", ".sql")
    assert named, "nothing was found: the search is broken"
    assert {code: files for code, files in named.items() if code not in registered} == {}


def test_what_python_raises_is_registered(conn: psycopg.Connection[Any]) -> None:
    registered = list_registered(conn)
    # Codes ending in 9x are the deployer's own: they are raised before there is a registry.
    named = {code: f for code, f in list_named("python", ".py").items() if code[3] != "9"}
    assert {code: files for code, files in named.items() if code not in registered} == {}


def test_every_registered_code_is_raised_somewhere(conn: psycopg.Connection[Any]) -> None:
    raised = {*list_named("sql", ".sql"), *list_named("python", ".py")}
    assert sorted(list_registered(conn) - raised) == []


def test_every_registered_code_names_its_kind(conn: psycopg.Connection[Any]) -> None:
    registered = list_registered(conn)
    assert all(CODE.fullmatch(code) for code in registered)
    assert set(CODE.findall(SEED.read_text(encoding="utf-8"))) == registered


def test_an_error_says_its_law_its_values_and_where_to_read_on(
    conn: psycopg.Connection[Any],
) -> None:
    for row in conn.execute("select * from core.error_codes").fetchall():
        try:
            conn.execute("select core.raise_error(%s, 'the values')", [row["error_code"]])
        except psycopg.Error as error:
            diag = error.diag
        assert diag.sqlstate == row["error_code"]
        assert diag.message_primary == row["law"]
        assert diag.message_detail == "the values"
        assert diag.message_hint == (f"{row['fix']} (docs/errors.md#{row['error_code'].lower()})")


def test_a_code_means_the_same_in_python_and_in_the_registry(conn: psycopg.Connection[Any]) -> None:
    rows = conn.execute("select error_code, law from core.error_codes").fetchall()
    laws = {row["error_code"]: row["law"] for row in rows}
    named = sorted(set(python_laws()))
    assert len(named) > 20, "nothing was found: the search is broken"
    assert [(code, law) for code, law in named if laws.setdefault(code, law) != law] == []


def test_every_code_has_its_place_in_the_page(conn: psycopg.Connection[Any]) -> None:
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    assert [c for c in list_registered(conn) if f"\n## {c}\n" not in page] == []
    assert [c for c in list_named("python", ".py") if f"\n## {c}\n" not in page] == []
