"""A worker does not start with a login that Postgres cannot hold back."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from mqk.desk import login_url
from support import Database

MQK = str(Path(sys.executable).with_name("mqk"))
ME = f"powerful_{os.getpid()}"
POWERS = {
    "superuser": "alter role {me} superuser",
    "bypassrls": "alter role {me} bypassrls",
    "createrole": "alter role {me} createrole",
    "createdb": "alter role {me} createdb",
    "replication": "alter role {me} replication",
    "member of mqk_owner": "grant mqk_owner to {me}",
    "owner of the database": "alter database {db} owner to {me}",
}


@pytest.fixture
def login(db: Database) -> Iterator[Database]:
    """A gateway's login that somebody gives a power."""
    db.create_login(ME, "mqk_dispatch")
    yield db
    with db.connect() as conn:
        conn.execute(f"alter database {db.name} owner to postgres")
        conn.execute(f"drop role {ME}")


def ask(db: Database, user: str | None) -> str:
    """The SQLSTATE and the values with which io.assert_login answers."""
    with db.connect(user=user) as conn:
        try:
            conn.execute("select io.assert_login()")
        except psycopg.Error as no:
            return f"{no.sqlstate} {no.diag.message_detail}"
    return "welcome"


@pytest.mark.parametrize("power", POWERS)
def test_a_login_with_a_power_is_refused_and_the_power_named(login: Database, power: str) -> None:
    assert ask(login, ME) == "welcome"
    with login.connect() as conn:
        conn.execute(POWERS[power].format(me=ME, db=login.name))
    said = ask(login, ME)
    assert said.startswith(f"MQG60 {ME}: ") and power in said


@pytest.mark.parametrize("words", [["--once"], []])
def test_a_worker_ends_at_once_and_is_not_started_again(db: Database, words: list[str]) -> None:
    env = {**os.environ, "MQK_DATABASE_URL": db.url, "MQK_ENGINE": "TEST"}
    command = [MQK, "worker", "gateway", *words]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 3, done.stderr  # RestartPreventExitStatus of the unit
    assert "MQG60" in done.stderr and "superuser" in done.stderr


def test_the_embedded_desk_gives_each_worker_a_login_of_its_own(
    monkeypatch: pytest.MonkeyPatch, db: Database
) -> None:
    class Embedded:
        def start(self) -> Embedded:
            return self

        def create_login(self, login: str, group: str) -> None:
            db.create_login(login, group)

        def url(self, _: str, user: str = "postgres") -> str:
            return make_conninfo(db.url, user=user)

    for name in ("MQK_DATABASE_URL", "PGHOST", "PGSERVICE", "PGHOSTADDR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("mqk.desk.Cluster", Embedded)
    with psycopg.connect(login_url("dispatch")) as conn:
        conn.execute("select io.assert_login()")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("select * from oms.outbox")


def test_before_anything_is_deployed_the_embedded_desk_still_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Embedded:
        def start(self) -> Embedded:
            return self

        def create_login(self, *_: Any) -> None:
            raise psycopg.errors.UndefinedObject

        def url(self, _: str, user: str = "postgres") -> str:
            return f"as {user}"

    for name in ("MQK_DATABASE_URL", "PGHOST", "PGSERVICE", "PGHOSTADDR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("mqk.desk.Cluster", Embedded)
    assert login_url("operator") == "as postgres"
