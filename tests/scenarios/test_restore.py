"""Laws of restoring: what was armed and running where it was saved is disarmed where it is restored."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from kit import GIVEN, Desk
from mqk import deployer
from mqk.binaries import find_binaries
from mqk.db import Connection, call, connect
from mqk.embedded import Cluster
from mqk.errors import MqkError
from support import ROOT, SERVER, Database

SHUT = "select * from run.list_shut_gates(%s, run.list_gates(), %s)"


class Saved(Desk):
    """A desk that runs, with an order that waits to be sent."""

    def __init__(self, url: str) -> None:
        super().__init__(url, strategy=GIVEN)
        self.url = url
        self.start()
        assert len(self.plan(2, AAA=5)) == 1
        assert self.sql(SHUT, self.run_id, self.now) == []


@pytest.fixture(scope="module")
def saved() -> Iterator[Saved]:
    """That desk, saved again and again."""
    with SERVER.clone() as db:
        desk = Saved(db.url)
        yield desk
        desk.conn.close()


@contextmanager
def other_server() -> Iterator[str]:
    """Another server with our roles and an empty database; gives the database's address."""
    cluster = Cluster(f"restore-{os.getpid()}", durable=False).start()
    try:
        for database in ("roles", "restored"):
            cluster.ensure_database(database)
        deployer.deploy(cluster.url("roles"), ROOT)
        yield cluster.url("restored")
    finally:
        cluster.stop(remove=True)


def restore(from_url: str, to_url: str) -> None:
    """pg_dump and pg_restore: everything, or an error."""
    folder = find_binaries()
    dump = [folder / "pg_dump", "-Fc", "-d", from_url]
    saved = subprocess.run(dump, capture_output=True, check=True)
    load = [folder / "pg_restore", "--exit-on-error", "-d", to_url]
    done = subprocess.run(load, input=saved.stdout, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def assert_disarmed(saved: Saved, conn: Connection) -> None:
    """The run says RUNNING still, but no gate counts, nothing leaves, and the first beat halts it."""
    here = {"run_id": saved.run_id, "now_at": saved.now}
    assert [run["run_status"] for run in call(conn, "api.run_list")] == ["RUNNING"]
    shut = conn.execute(SHUT, [saved.run_id, saved.now]).fetchall()
    assert len(shut) == 5
    assert all("the server was started at" in gate["reason"] for gate in shut)
    told = call(conn, "api.replay_all", run_id=saved.run_id, until_at=None)
    assert [row["table_name"] for row in told if not row["is_equal"]] == []
    waiting = conn.execute("select outbox_status from oms.outbox").fetchall()
    assert [row["outbox_status"] for row in waiting] == ["PENDING"]
    lead = {"worker_kind": "gateway", "worker_name": "g", "worker_token": "t"}
    [lease] = call(conn, "io.acquire_lease", **lead, **here)
    gateway = {"worker_name": "g", "lease_epoch": lease["lease_epoch"], **here}
    with pytest.raises(MqkError, match="MQG01"):
        call(conn, "io.claim_outbox", **gateway, limit=10)
    [beat] = call(
        conn, "io.record_heartbeat", **gateway, worker_kind="gateway", has_deadman_file=True
    )
    assert beat["record_heartbeat"] == "HALTED"
    refused = call(conn, "api.run_arm", run_id=saved.run_id, confirm="x", now_at=saved.now)
    assert [row["outcome"] for row in refused] == ["REFUSED"]


def test_a_backup_restored_on_another_server_is_whole_and_disarmed(saved: Saved) -> None:
    with other_server() as url:
        restore(saved.url, url)
        with connect(url, "test") as conn:
            assert_disarmed(saved, conn)


def test_a_backup_restored_beside_the_original_is_whole_and_disarmed(
    saved: Saved, empty_db: Database
) -> None:
    restore(saved.url, empty_db.url)
    with connect(empty_db.url, "test") as conn:
        assert_disarmed(saved, conn)
    assert saved.sql(SHUT, saved.run_id, saved.now) == []


def test_what_was_armed_as_it_was_saved_does_not_begin_where_it_is_restored(
    db: Database, empty_db: Database
) -> None:
    desk = Saved(db.url)
    desk.act("run_stop", run_id=desk.run_id, reason="to arm it again")
    desk.tick("marketdata", "broker_events", "snapshots")
    words = desk.value("api.run_arm_words", run_id=desk.run_id)
    assert desk.act("run_arm", run_id=desk.run_id, confirm=words)["outcome"] == "DONE"
    restore(db.url, empty_db.url)
    begin = {"run_id": desk.run_id, "now_at": desk.now}
    with connect(empty_db.url, "test") as conn:
        assert [row["error_code"] for row in call(conn, "api.run_begin", **begin)] == ["MQG10"]
    assert [row["outcome"] for row in desk.call("api.run_begin", **begin)] == ["DONE"]
    desk.conn.close()
