"""A DBA without superuser deploys; what the desk then cannot do, it says (docs/dba.md)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from kit import Desk
from mqk import deployer
from mqk.embedded import Cluster
from support import ROOT, Database


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A server of our own, on which a login with CREATEROLE owns the database and deployed."""
    del tmp_path_factory
    cluster = Cluster(f"small-{os.getpid()}", durable=False).start()
    try:
        with psycopg.connect(cluster.url(), autocommit=True) as conn:
            conn.execute("create role small_dba login createrole")
            conn.execute("create database small owner small_dba")
        db = Database(cluster.url(), "small")
        deployer.deploy(db.url.replace("user=postgres", "user=small_dba"), ROOT)
        yield db
    finally:
        cluster.stop(remove=True)


def may_end_sessions(db: Database) -> bool:
    """Whether the owner of the house may end sessions."""
    ask = "select pg_has_role('mqk_owner', 'pg_signal_backend', 'member') as may"
    with db.connect() as conn:
        return bool(conn.execute(ask).fetchone()["may"])


def test_a_halt_without_the_right_waits_and_names_who_holds_the_run(small: Database) -> None:
    with small.connect() as conn:
        conn.execute("revoke pg_signal_backend from mqk_owner")
    assert not may_end_sessions(small)
    small.create_login("small_gateway", "mqk_dispatch")
    small.create_login("small_operator", "mqk_operator")
    desk = Desk(small.url)
    desk.start()
    head: list[Any] = [desk.run_id, desk.now]
    with small.connect(user="small_gateway") as evil, small.connect(user="small_operator") as op:
        evil.execute("begin")
        evil.execute("select io.acquire_lease(%s, 'gateway', 'e', 'e', %s)", head)
        with pytest.raises(psycopg.errors.LockNotAvailable) as no:
            op.execute("select * from api.run_halt(%s, 'fire', %s)", head)
        assert "may not end session" in str(no.value.diag.message_detail)
        evil.execute("rollback")
        row = op.execute("select * from api.run_halt(%s, 'fire', %s)", head).fetchone()
        assert (row["run_status"], row["detail"]) == ("HALTED", "")
    desk.conn.close()


def test_a_superuser_gives_the_right_later(small: Database) -> None:
    with small.connect() as conn:
        conn.execute("grant pg_signal_backend to mqk_owner")
    assert may_end_sessions(small)
