"""The built-in deployer and sqitch leave the same registry and take over from each other."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mqk import deployer, sqitch
from mqk.errors import MqkError
from support import ROOT, Database

REGISTRY = {
    "projects": "select project, uri from sqitch.projects",
    "releases": "select version from sqitch.releases",
    "changes": """select change_id, script_hash, change, project, note, planned_at, planner_name,
                         planner_email
                    from sqitch.changes order by committed_at""",
    "tags": """select tag_id, tag, project, change_id, note, planned_at, planner_name,
                      planner_email
                 from sqitch.tags order by committed_at, tag""",
    "dependencies": "select * from sqitch.dependencies order by change_id, dependency",
    "events": """select event, change_id, change, project, note, requires, conflicts, tags,
                        planned_at, planner_name, planner_email
                   from sqitch.events order by committed_at""",
    "columns": """select table_name, column_name, data_type, is_nullable, column_default
                    from information_schema.columns where table_schema = 'sqitch'
                   order by table_name, ordinal_position""",
    "constraints": """select conrelid::regclass::text, conname, pg_get_constraintdef(oid)
                        from pg_constraint
                       where connamespace = 'sqitch'::regnamespace and contype <> 'n'
                       order by 1, 2""",
}
SMALL_PLAN = """%syntax-version=1.0.0
%project=small
%uri=urn:small

a/one 2026-01-02T03:04:05Z Zoë Müller <z@small> # first é note
two [a/one] 2026-01-02T03:04:06Z Zoë Müller <z@small> # two lines\\nhere
@v1 2026-01-02T03:04:07Z Zoë Müller <z@small> # has: colon # hash
@v1-again 2026-01-02T03:04:07Z Zoë Müller <z@small>
two [two@v1] 2026-01-02T03:04:08Z Zoë Müller <z@small> # better
three [two@v1 a/one !four] 2026-01-02T03:04:09Z Zoë Müller <z@small>
four 2026-01-02T03:04:10Z Zoë Müller <z@small>
@v2 2026-01-02T03:04:11Z Zoë Müller <z@small>
"""
needs_sqitch = pytest.mark.skipif(not sqitch.find_sqitch(), reason="sqitch is not installed here")


def write_small_project(root: Path) -> Path:
    """A plan with all that a plan can have: folders, rework, tags, conflicts, odd letters."""
    (root / "sqitch.plan").write_text(SMALL_PLAN, encoding="utf-8")
    (root / "sqitch.conf").write_text("[core]\n\tengine = pg\n")
    for name in ("a/one", "two@v1", "two", "three", "four"):
        table = name.replace("/", "_").replace("@", "_")
        for kind, text in {
            "deploy": f"create table {table} (x integer)",
            "verify": f"select x from {table} where false",
            "revert": f"drop table {table}",
        }.items():
            path = root / kind / f"{name}.sql"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"-- {name}\nbegin;\n{text};\ncommit;\n")
    return root


@pytest.fixture(params=["small", "ours"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A project made for the purpose, and this one."""
    return ROOT if request.param == "ours" else write_small_project(tmp_path)


def read_registry(db: Database) -> dict[str, list[dict[str, object]]]:
    with db.connect() as conn:
        return {name: conn.execute(query).fetchall() for name, query in REGISTRY.items()}


@needs_sqitch
def test_the_registry_equals_sqitchs_row_by_row(
    project: Path, empty_db: Database, other_empty_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MQK_DEPLOYER", "sqitch")
    sqitch.deploy(empty_db.url, project)
    deployer.deploy(other_empty_db.url, project)
    theirs, ours = read_registry(empty_db), read_registry(other_empty_db)
    for name in REGISTRY:
        assert ours[name] == theirs[name], name


@needs_sqitch
def test_sqitch_verifies_reverts_and_redeploys_what_we_deployed(
    project: Path, empty_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MQK_DEPLOYER", "sqitch")
    count = deployer.deploy(empty_db.url, project)
    assert "up-to-date" in sqitch.status(empty_db.url, project)
    assert "Verify successful" in sqitch.verify(empty_db.url, project)
    sqitch.revert(empty_db.url, root=project)
    assert deployer.status(empty_db.url, project).deployed == []
    assert deployer.deploy(empty_db.url, project) == count
    assert deployer.deploy(empty_db.url, project) == 0


@needs_sqitch
def test_we_go_on_where_sqitch_stopped(
    tmp_path: Path, empty_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MQK_DEPLOYER", "sqitch")
    project = write_small_project(tmp_path)
    sqitch.deploy(empty_db.url, project)
    sqitch.revert(empty_db.url, "@v1", project)
    assert deployer.status(empty_db.url, project).pending == ["two", "three", "four"]
    assert deployer.deploy(empty_db.url, project) == 3
    assert deployer.verify(empty_db.url, project) == {}


def test_a_change_that_fails_its_verify_script_leaves_only_a_fail_event(
    tmp_path: Path, empty_db: Database
) -> None:
    project = write_small_project(tmp_path)
    (project / "verify/three.sql").write_text("select 1 / 0;\n")
    with pytest.raises(MqkError, match="division by zero"):
        deployer.deploy(empty_db.url, project)
    assert deployer.status(empty_db.url, project).deployed == ["a/one", "two", "two"]
    with empty_db.connect() as conn:
        events = conn.execute("select event, change from sqitch.events order by committed_at")
        assert [tuple(row.values()) for row in events][-1] == ("fail", "three")
        gone = conn.execute("select to_regclass('three') as t").fetchone()
        assert gone == {"t": None}


def test_a_deployed_line_that_was_edited_is_refused(tmp_path: Path, empty_db: Database) -> None:
    project = write_small_project(tmp_path)
    deployer.deploy(empty_db.url, project)
    (project / "sqitch.plan").write_text(SMALL_PLAN.replace("# better", "# worse"), "utf-8")
    with pytest.raises(MqkError, match="MQS94"):
        deployer.deploy(empty_db.url, project)


def test_equal_scripts_are_refused_before_anything_runs(tmp_path: Path, empty_db: Database) -> None:
    project = write_small_project(tmp_path)
    (project / "deploy/four.sql").write_bytes((project / "deploy/three.sql").read_bytes())
    with pytest.raises(MqkError, match="copy of"):
        deployer.deploy(empty_db.url, project)
    assert deployer.status(empty_db.url, project).deployed == []


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("postgresql://me:p%40ss@db.example:6432/desk", "db:pg://me:p%40ss@db.example:6432/desk"),
        ("host=/run/pg user=me dbname=desk", "db:pg://me@/desk?host=%2Frun%2Fpg"),
        ("postgresql:///?service=prod", "db:pg:///?service=prod"),
    ],
)
def test_a_libpq_url_becomes_a_sqitch_target(url: str, target: str) -> None:
    assert sqitch.to_target(url) == target


KILLED = """
import os, signal, sys
from pathlib import Path
from mqk import deployer
work, left = getattr(deployer, sys.argv[3]), 2
def hit(*args, **options):
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    return work(*args, **options)
setattr(deployer, sys.argv[3], hit)
deployer.deploy(sys.argv[1], Path(sys.argv[2]))
"""


@pytest.mark.parametrize("where", ["_body", "_record", "_add_event"])
def test_a_deployer_that_is_killed_anywhere_is_completed_by_the_next(
    where: str, tmp_path: Path, empty_db: Database
) -> None:
    project = write_small_project(tmp_path)
    words = [sys.executable, "-c", KILLED, empty_db.url, str(project), where]
    assert subprocess.run(words, check=False).returncode == -signal.SIGKILL
    with empty_db.connect() as conn:
        logged, stands = (
            conn.execute(f"select count(*) as n from {rows}").fetchone()["n"]
            for rows in ("sqitch.changes", "pg_tables where schemaname = 'public'")
        )
    assert logged == stands == (where != "_body")
    assert deployer.deploy(empty_db.url, project) == 5 - (where != "_body")
    assert deployer.verify(empty_db.url, project) == {}
