"""Two gateways as processes: one is stopped in the middle of a submit for longer than its lease."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kit import GIVEN, Desk
from mqk.halting import write_file
from support import worker_url

MQK = str(Path(sys.executable).with_name("mqk"))
PATIENCE = 40  # seconds until a test gives up
FIRST = "select outbox_status from oms.outbox order by outbox_id limit 1"
REFRESH = (  # the desk's market is of 2024, its workers are of today
    "set session_replication_role = replica",
    "update run.gates set observed_at = clock_timestamp(), expires_at = '2200-01-01'",
    "update run.heartbeats set beat_at = '2100-01-01'",
    "update oms.outbox set expires_at = '2200-01-01'",
    "set session_replication_role = origin",
)


class Gateways:
    """Gateway processes of one desk, all under the same name."""

    def __init__(self, url: str, folder: Path) -> None:
        self.folder = folder
        self.started: dict[str, subprocess.Popen[str]] = {}
        self.env = {**os.environ, "MQK_DATABASE_URL": url, "MQK_ENGINE": "TEST",
                    "MQK_WORKER_NAME": "one", "MQK_HALT_DIR": str(folder / "halt")}  # fmt: skip

    def start(self, name: str) -> None:
        """Start one."""
        command = [MQK, "worker", "gateway", "--interval", "0.2"]
        with (self.folder / f"{name}.log").open("w") as log:
            self.started[name] = subprocess.Popen(command, env=self.env, stderr=log, text=True)

    def said(self, name: str) -> str:
        """What one has logged."""
        return (self.folder / f"{name}.log").read_text()

    def end(self, name: str) -> int:
        """SIGTERM; the exit code."""
        process = self.started[name]
        process.send_signal(signal.SIGTERM)
        return process.wait(20)

    def wait_for(self, what: Callable[[], Any]) -> Any:
        """Wait until `what` gives something."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if found := what():
                return found
            time.sleep(0.05)
        raise AssertionError("\n".join(f"{n}: {self.said(n)[-1500:]}" for n in self.started))


@pytest.fixture
def desk(db: Any) -> Iterator[Desk]:
    """A running desk with one order to send; its leases live for two seconds."""
    made = Desk(db.url, strategy=GIVEN, runtime={"lease_seconds": 2})
    made.start()
    made.plan(2, AAA=10)
    for statement in REFRESH:
        made.sql(statement)
    yield made
    assert made.broken_promises() == []
    made.conn.close()


@pytest.fixture
def gateways(db: Any, tmp_path: Path) -> Iterator[Gateways]:
    """Nobody is left at the end."""
    made = Gateways(worker_url(db.url, "gateway"), tmp_path)
    yield made
    for process in made.started.values():
        process.kill()
        process.wait()


def epoch(desk: Desk) -> int:
    """How many leases the processes took."""
    return int(desk.one("select count(*) from run.lease_history where worker_name = 'gateway@one'"))


def test_a_gateway_that_wakes_up_late_sends_nothing(
    desk: Desk, db: Any, gateways: Gateways
) -> None:
    with db.connect() as broker:
        broker.execute("begin; lock table sim.orders in exclusive mode")  # the broker is slow
        gateways.start("first")
        gateways.wait_for(lambda: desk.one("select count(*) from oms.permits"))
        gateways.started["first"].send_signal(signal.SIGSTOP)
        assert epoch(desk) == 1
        gateways.start("second")
        gateways.wait_for(lambda: "stands by" in gateways.said("second") or epoch(desk) == 2)
        gateways.wait_for(lambda: epoch(desk) == 2)
        gateways.wait_for(lambda: desk.one("select count(*) from oms.absence_misses"))
        broker.execute("commit")  # what the first one sent arrives after all
    gateways.wait_for(lambda: desk.one(FIRST) == "SENT")

    gateways.started["first"].send_signal(signal.SIGCONT)
    gateways.wait_for(lambda: '"error": "MQG08"' in gateways.said("first"))
    gateways.wait_for(lambda: "stands by" in gateways.said("first"))
    assert desk.one("select count(*) from sim.orders") == 1
    assert desk.one("select count(*) from oms.attempts where request_kind = 'SUBMIT'") == 1
    assert desk.status == "HALTED"  # doubt halts; a person looks

    assert gateways.end("second") == 0
    gateways.wait_for(lambda: epoch(desk) == 3)  # released, not waited for
    assert gateways.end("first") == 0
    assert desk.one("select count(*) from sim.orders") == 1


def test_a_gateway_stands_by_and_says_so_once(desk: Desk, gateways: Gateways) -> None:
    desk.sql("set session_replication_role = replica")
    desk.sql("update oms.outbox set expires_at = enqueued_at + interval '1 us'")
    desk.sql("set session_replication_role = origin")
    gateways.start("first")
    gateways.wait_for(lambda: epoch(desk) == 1)
    gateways.start("second")
    gateways.wait_for(lambda: "stands by" in gateways.said("second"))
    time.sleep(2.5)  # longer than a lease
    assert gateways.said("second").count("stands by") == 1
    assert epoch(desk) == 1
    gateways.started["first"].kill()
    gateways.wait_for(lambda: epoch(desk) == 2)
    assert gateways.end("second") == 0


def test_a_gateway_that_finds_the_halt_file_halts_the_run_and_sends_nothing(
    desk: Desk, gateways: Gateways
) -> None:
    write_file(gateways.folder / "halt" / "TEST", "the feed is mad")
    gateways.start("first")
    gateways.wait_for(lambda: desk.status == "HALTED")
    gateways.wait_for(lambda: epoch(desk) == 1)  # it goes on looking orders up, and leads
    time.sleep(0.5)
    assert desk.halt_reason == "worker: halt file: the feed is mad"
    assert gateways.said("first").count('"event": "halted"') == 1
    assert gateways.end("first") == 0
    assert desk.one("select count(*) from sim.orders") == 0
    assert desk.one("select outbox_status from oms.outbox") == "PENDING"
