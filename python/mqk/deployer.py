"""Deploys the plan without sqitch, and leaves sqitch's own registry behind.

Same change ids, script hashes, rows and advisory lock: `sqitch status`, `verify`, `deploy` and
`revert` go on where this left off, and the other way round. To revert is sqitch's business alone.
A change, its proof and its row are one transaction (sqitch's are not): a killed deployment goes on.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from mqk.db import read_conninfo
from mqk.embedded import find_checkout
from mqk.errors import MqkError, from_postgres
from mqk.plan import Change, Plan, Planned

LOCK = 75474063  # the advisory lock that sqitch takes
LOCK_TIMEOUT = "60s"
ENDS = re.compile(rb"^(?:begin|commit|rollback);[ \t]*$", re.M)

ADD_CHANGE = """
insert into sqitch.changes (change_id, script_hash, change, project, note, committer_name,
       committer_email, planned_at, planner_name, planner_email)
values (%(id)s, %(hash)s, %(name)s, %(project)s, %(note)s, %(me)s, %(mail)s, %(planned_at)s,
       %(planner)s, %(email)s)"""
ADD_TAG = """
insert into sqitch.tags (tag_id, tag, project, change_id, note, committer_name, committer_email,
       planned_at, planner_name, planner_email)
values (%(id)s, %(name)s, %(project)s, %(change_id)s, %(note)s, %(me)s, %(mail)s, %(planned_at)s,
       %(planner)s, %(email)s)"""
ADD_DEPENDENCY = "insert into sqitch.dependencies values (%s, %s, %s, %s)"
ADD_EVENT = """
insert into sqitch.events (event, change_id, change, project, note, requires, conflicts, tags,
       committer_name, committer_email, planned_at, planner_name, planner_email)
values (%(event)s, %(id)s, %(name)s, %(project)s, %(note)s, %(requires)s, %(conflicts)s, %(tags)s,
       %(me)s, %(mail)s, %(planned_at)s, %(planner)s, %(email)s)"""
ADD_PROJECT = """
insert into sqitch.projects (project, uri, creator_name, creator_email)
values (%s, %s, %s, %s) on conflict do nothing"""
ADD_RELEASE = """
insert into sqitch.releases (version, installer_name, installer_email) values (1.1, %s, %s)"""
LIST_DEPLOYED = """
select change_id, change from sqitch.changes where project = %s order by committed_at"""


@dataclass(frozen=True)
class Status:
    """What of the plan stands in a database: names in plan order; strangers are not in the plan."""

    project: str
    deployed: list[str]
    pending: list[str]
    strangers: list[str]


def sqitch_root() -> Path:
    """The folder of sqitch.plan: in the package when that came as a wheel, else the checkout."""
    packed = Path(__file__).resolve().parent / "_sqitch"
    return packed if packed.is_dir() else find_checkout() or Path.cwd()


def deploy(url: str, root: Path | None = None, verify: bool = True) -> int:
    """Deploy what is pending; gives how many changes that were. A failed change leaves no trace.

    Raises: MQS91 the plan is wrong; MQS94 it does not fit the database; MQS92 a script failed; MQS93.
    """
    plan = Plan(root or sqitch_root())
    _refuse_equal_scripts(plan)
    me = _who_am_i()
    with _connect(url) as registry, _connect(url) as run:
        _open_registry(registry, plan, me)
        found = _compare(registry, plan)
        if found.strangers:
            raise _does_not_fit(found.strangers)
        for number in range(len(found.deployed), len(plan.changes)):
            change = plan.changes[number]
            for name in change.conflicts:
                if name in [c.name for c in plan.changes[:number]]:
                    raise _does_not_fit([f"{name}, with which {change.name} conflicts"])
            values = {**vars(change), "project": plan.project, "hash": plan.hash(change), **me}
            try:
                with _script(run, "deploy", change):
                    _deploy(run, plan, number, values, verify=verify)
            except MqkError:
                _add_event(registry, values, "fail")
                raise
    return len(plan.changes) - len(found.deployed)


def status(url: str, root: Path | None = None) -> Status:
    """What is deployed and what is pending; writes nothing."""
    plan = Plan(root or sqitch_root())
    with _connect(url) as conn:
        if not _has_registry(conn):
            return Status(plan.project, [], [c.name for c in plan.changes], [])
        return _compare(conn, plan)


def verify(url: str, root: Path | None = None) -> dict[str, str]:
    """Run the verify script of each deployed change; gives change -> what failed, so {} is good."""
    plan = Plan(root or sqitch_root())
    count = len(status(url, plan.root).deployed)
    newest = {change.name: change for change in plan.changes[:count]}
    failed = {}
    with _connect(url) as conn:
        for change in newest.values():
            try:
                _run(conn, plan, "verify", change)
            except MqkError as no:
                failed[change.name] = no.detail
    return failed


@contextlib.contextmanager
def _connect(url: str) -> Iterator[psycopg.Connection[Any]]:
    quiet = "-c client_min_messages=warning -c lock_timeout=" + LOCK_TIMEOUT
    given = read_conninfo(url).get("options") or os.environ.get("PGOPTIONS", "")
    options = f"{given} {quiet}".strip()
    try:
        conn = psycopg.connect(url, autocommit=True, options=options, prepare_threshold=None)
    except psycopg.Error as error:
        raise from_postgres(error) from error
    with conn:
        yield conn


def _who_am_i() -> dict[str, str]:
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = f"uid{os.getuid()}"
    return {
        "me": os.environ.get("SQITCH_FULLNAME") or name,
        "mail": os.environ.get("SQITCH_EMAIL") or f"{name}@{socket.gethostname()}",
    }


def _has_registry(conn: psycopg.Connection[Any]) -> bool:
    row = conn.execute("select to_regclass('sqitch.changes') is not null").fetchone()
    return bool(row and row[0])


def _open_registry(conn: psycopg.Connection[Any], plan: Plan, me: dict[str, str]) -> None:
    """Take sqitch's lock for the life of the connection; make the registry if it is new."""
    try:
        conn.execute("select pg_advisory_lock(%s)", [LOCK])
    except psycopg.errors.LockNotAvailable as no:
        detail = f"waited {LOCK_TIMEOUT} for another one"
        raise MqkError("MQS93", "one deployment at a time", detail, "try again later") from no
    who = [me["me"], me["mail"]]
    with conn.transaction():
        if not _has_registry(conn):
            conn.execute(Path(__file__).with_name("registry.sql").read_bytes())
            conn.execute(ADD_RELEASE, who)
        conn.execute(ADD_PROJECT, [plan.project, plan.uri, *who])


def _compare(conn: psycopg.Connection[Any], plan: Plan) -> Status:
    rows = conn.execute(LIST_DEPLOYED, [plan.project]).fetchall()
    there = {row[0] for row in rows}
    count = 0
    while count < len(plan.changes) and plan.changes[count].id in there:
        count += 1
    known = {change.id for change in plan.changes[:count]}
    names = [change.name for change in plan.changes]
    strangers = [name for change_id, name in rows if change_id not in known]
    return Status(plan.project, names[:count], names[count:], strangers)


def _deploy(
    conn: psycopg.Connection[Any], plan: Plan, number: int, values: dict[str, Any], *, verify: bool
) -> None:
    """A change, its proof and its row in the registry: one transaction."""
    change = plan.changes[number]
    with conn.transaction():
        conn.execute(_body(plan, "deploy", change))
        if verify:
            _run(conn, plan, "verify", change)
        conn.execute("set local role none")
        _record(conn, plan, number, values)


def _run(conn: psycopg.Connection[Any], plan: Plan, kind: str, change: Change) -> None:
    """Run one script and undo what it did."""
    with _script(conn, kind, change), conn.transaction(force_rollback=True):
        conn.execute(_body(plan, kind, change))


def _body(plan: Plan, kind: str, change: Change) -> bytes:
    """The script without the words that begin and end its transaction: ours is around it."""
    return ENDS.sub(b"", plan.text(kind, change))


@contextlib.contextmanager
def _script(conn: psycopg.Connection[Any], kind: str, change: Change) -> Iterator[None]:
    """MQS92 with the server's words if a script fails; the session is as new after it."""
    try:
        yield
    except psycopg.Error as no:
        detail = f"{kind}/{change.script}.sql: {str(no).strip()} {no.diag.context or ''}".strip()
        fix = "correct the script; what was deployed before it stays"
        raise MqkError("MQS92", "every script of the plan succeeds", detail, fix) from no
    if conn.info.transaction_status == psycopg.pq.TransactionStatus.IDLE:
        conn.execute("discard all")


def _record(conn: psycopg.Connection[Any], plan: Plan, number: int, values: dict[str, Any]) -> None:
    change = plan.changes[number]
    conn.execute(ADD_CHANGE, values)
    for name in change.requires:
        target = plan.find(name, number).id
        conn.execute(ADD_DEPENDENCY, [change.id, "require", name, target])
    for name in change.conflicts:
        conn.execute(ADD_DEPENDENCY, [change.id, "conflict", name, None])
    for tag in change.tags:
        conn.execute(ADD_TAG, {**values, **vars(tag), "change_id": change.id})
    _add_event(conn, values, "deploy")


def _add_event(conn: psycopg.Connection[Any], values: dict[str, Any], event: str) -> None:
    tags: list[Planned] = values["tags"]
    conn.execute(ADD_EVENT, {**values, "event": event, "tags": [tag.name for tag in tags]})


def _refuse_equal_scripts(plan: Plan) -> None:
    """Two equal scripts break the registry's unique key, and only after the second has run."""
    seen: dict[str, str] = {}
    for change in plan.changes:
        other = seen.setdefault(plan.hash(change), change.script)
        if other != change.script:
            raise _does_not_fit([f"deploy/{change.script}.sql, a copy of deploy/{other}.sql"])


def _does_not_fit(strangers: list[str]) -> MqkError:
    return MqkError(
        "MQS94",
        "the plan and the database fit",
        "in the way: " + ", ".join(strangers),
        "deploy the checkout that made this database, or start from an empty one",
    )
