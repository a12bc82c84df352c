"""The plan: what it deploys, it can undo and do again, and its scripts are plain SQL."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest

from house.code import build
from house.tree import read_rooms
from inventory import read_inventory, read_rows
from mqk import deployer, sqitch
from mqk.plan import Change, Plan
from support import ROOT, Database

PLAN = Plan(ROOT)
KINDS = ("deploy", "revert", "verify")
SCRIPTS = [
    pytest.param(ROOT / kind / f"{change.script}.sql", id=f"{kind}/{change.script}")
    for kind in KINDS
    for change in PLAN.changes
]
QUOTED = r"\$(\w*)\$.*?\$\1\$|'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/"


def read(db: Database) -> dict[str, list[str]]:
    with db.connect() as conn:
        return {**read_inventory(conn), **read_rows(conn)}


def test_a_deployment_undone_and_done_again_is_the_same(
    empty_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MQK_DEPLOYER", "builtin")
    pristine = read(empty_db)
    deployer.deploy(empty_db.url, ROOT)
    first = read(empty_db)
    assert len(first["schemas"]) == len(pristine["schemas"]) + 18
    assert deployer.verify(empty_db.url, ROOT) == {}
    if not sqitch.find_sqitch():
        pytest.skip("to revert needs sqitch; deploying and verifying passed")
    sqitch.revert(empty_db.url, root=ROOT)
    assert read(empty_db) == pristine
    monkeypatch.setenv("MQK_DEPLOYER", "sqitch")
    sqitch.deploy(empty_db.url, ROOT)
    assert "Verify successful" in sqitch.verify(empty_db.url, ROOT)
    assert read(empty_db) == first


def test_to_deploy_again_changes_nothing(empty_db: Database) -> None:
    assert deployer.deploy(empty_db.url, ROOT) == len(PLAN.changes)
    first = read(empty_db)
    assert deployer.deploy(empty_db.url, ROOT) == 0
    assert read(empty_db) == first


def test_a_rooms_code_can_be_deployed_over_itself(empty_db: Database) -> None:
    deployer.deploy(empty_db.url, ROOT)
    first = read(empty_db)
    with empty_db.connect() as conn:
        for change in PLAN.changes:
            if change.name.endswith("/code"):
                conn.execute(PLAN.text("deploy", change))
    assert read(empty_db) == first


def test_every_change_undoes_exactly_what_it_did(empty_db: Database) -> None:
    """Deploy the plan step by step, then undo it step by step: each state returns."""
    before = []
    with empty_db.connect() as conn:
        for change in PLAN.changes:
            before.append(read_inventory(conn))
            conn.execute(PLAN.text("deploy", change))
        for change, state in reversed(list(zip(PLAN.changes, before, strict=True))):
            conn.execute(PLAN.text("revert", change))
            now = read_inventory(conn)
            for name, lines in state.items():
                assert now[name] == lines, f"{change.name}: {name}"


def test_every_line_of_the_plan_has_its_three_scripts() -> None:
    planned = {f"{kind}/{change.script}.sql" for kind in KINDS for change in PLAN.changes}
    there = {str(p.relative_to(ROOT)) for kind in KINDS for p in (ROOT / kind).rglob("*.sql")}
    assert there == planned


@pytest.mark.parametrize("change", PLAN.changes, ids=lambda change: change.name)
def test_a_verify_script_fails_where_nothing_is_deployed(
    empty_db: Database, change: Change
) -> None:
    if change.name == "roles":
        pytest.skip("roles belong to the server, where other databases have brought them")
    with empty_db.connect() as conn, pytest.raises(psycopg.Error):
        conn.execute(PLAN.text("verify", change))


def test_the_verify_scripts_name_every_function_view_and_column(db: Database) -> None:
    text = "\n".join((ROOT / "verify" / f"{c.script}.sql").read_text() for c in PLAN.changes)
    named = set(re.findall(r"'(\w+\.\w+\([^']*\))'::regprocedure", text))
    with db.connect() as conn:
        functions = conn.execute(
            "select p.oid::regprocedure::text as f from pg_proc as p"
            " join pg_namespace as n on n.oid = p.pronamespace"
            " where pg_get_userbyid(n.nspowner) = 'mqk_owner'"
        ).fetchall()
        verified = {
            conn.execute("select %s::regprocedure::text as f", [name]).fetchone()["f"]
            for name in named
        }
        columns = conn.execute(
            "select format('%s.%s', nspname, relname) as t, relkind, attname from pg_attribute"
            " join pg_class as c on c.oid = attrelid and relkind in ('r', 'v')"
            " join pg_namespace as n on n.oid = relnamespace"
            " where attnum > 0 and not attisdropped"
            " and pg_get_userbyid(nspowner) = 'mqk_owner'"
        ).fetchall()
    assert {row["f"] for row in functions} == verified
    queries = {
        table: names for names, table in re.findall(r"select([^;]*?)\s+from\s+(\w+\.\w+)\s", text)
    }
    assert [f"{c['t']}.{c['attname']}" for c in columns if c["t"] not in queries] == []
    assert [
        f"{c['t']}.{c['attname']}"
        for c in columns
        if c["relkind"] == "r" and not re.search(rf"\b{c['attname']}\b", queries[c["t"]])
    ] == []


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_is_plain_sql_in_one_transaction(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    bare = re.sub(QUOTED, "''", text, flags=re.S)
    assert not re.search(r"^\s*\\", bare, re.M), "a backslash command"
    assert not re.search(r"(?<!:):(?![:=])['\"]?[a-z_]", bare, re.I), "a psql variable"
    words = re.findall(r"^(begin|commit|rollback);$", bare, re.M)
    assert words == ["begin", "rollback" if script.is_relative_to(ROOT / "verify") else "commit"]
    head = {"deploy": "Deploy", "revert": "Revert", "verify": "Verify"}
    kind = script.relative_to(ROOT).parts[0]
    name = script.relative_to(ROOT / kind).with_suffix("").as_posix()
    joint = {"deploy": "to", "revert": "from", "verify": "on"}[kind]
    assert text.startswith(f"-- {head[kind]} mqk:{name} {joint} pg\n")


def test_the_built_code_is_what_sql_says() -> None:
    assert build(read_rooms(), check=True) == []


def test_the_plan_requires_for_a_rooms_code_the_rooms_that_it_uses() -> None:
    uses = {room.name: set(room.uses) for room in read_rooms()}
    planned = {
        change.name.removesuffix("/code"): {
            need.removesuffix("/code") for need in change.requires if need.endswith("/code")
        }
        for change in PLAN.changes
        if change.name.endswith("/code")
    }
    assert planned == uses


def test_structure_comes_first_and_code_last() -> None:
    is_code = [change.name.endswith("/code") for change in PLAN.changes]
    assert is_code == sorted(is_code)


def test_a_deploy_script_says_what_the_plan_requires() -> None:
    for change in PLAN.changes:
        if change.name.endswith("/code"):
            continue
        text = (ROOT / "deploy" / f"{change.script}.sql").read_text(encoding="utf-8")
        assert re.findall(r"^-- requires: (\S+)$", text, re.M) == change.requires, change.name
