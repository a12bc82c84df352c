"""Laws of the deadman: silence halts, and nothing heals it; so does a file that is gone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from kit import LIVE, Desk
from mqk.halting import write_file

FILED = {
    "runtime": {
        "clock": "VIRTUAL",
        "deadman_ttl_seconds": 864000,
        "gate_ttl_seconds": 864000,
        "lease_seconds": 864000,
        "deadman_file": True,
    }
}


@pytest.mark.parametrize("late", [0, 1])
def test_a_deadman_expires_at_its_ttl_and_not_before(desk: Desk, late: int) -> None:
    desk.start()
    expires_at = desk.one("select expires_at from run.gates where gate = 'DEADMAN'")
    halted = desk.call("io.expire_deadmen", now_at=expires_at - timedelta(microseconds=1 - late))
    assert len(halted) == late
    assert desk.status == ("HALTED" if late else "RUNNING")


def test_a_late_heartbeat_does_not_heal_an_expired_deadman(desk: Desk) -> None:
    desk.start()
    desk.clock.move_to(desk.one("select expires_at from run.gates where gate = 'DEADMAN'"))
    assert desk.ticks["gateway"].beat() == "HALTED"
    assert desk.status == "HALTED"
    assert desk.ticks["gateway"].beat() == "HALTED"


def test_one_silent_worker_kind_is_enough_to_expire_the_deadman(desk: Desk) -> None:
    desk.start()
    started = desk.now
    for days in (4, 8, 9):
        desk.clock.move_to(started + timedelta(days=days))
        desk.ticks["gateway"].beat()
        desk.ticks["snapshots"].beat()
    desk.clock.move_to(started + timedelta(days=10))
    assert desk.ticks["gateway"].beat() == "HALTED"


def health(desk: Desk) -> dict[str, bool]:
    """Which kinds of worker are alive."""
    rows = desk.call("api.run_check_health", now_at=desk.now)
    return {row["worker_kind"]: row["is_alive"] for row in rows}


def test_health_names_exactly_the_silent_workers_of_running_runs(desk: Desk) -> None:
    assert health(desk) == {}
    desk.start()
    assert health(desk) == dict.fromkeys(("gateway", "broker_events", "snapshots"), True)
    begun = desk.now
    desk.clock.move_to(begun + timedelta(days=9))
    desk.ticks["snapshots"].beat()
    desk.clock.move_to(begun + timedelta(days=10) - timedelta(milliseconds=1))
    assert set(health(desk).values()) == {True}
    desk.clock.move_to(begun + timedelta(days=10))
    assert health(desk) == {"gateway": False, "broker_events": False, "snapshots": True}
    desk.sql("delete from run.heartbeats where worker_kind = 'snapshots'")
    assert health(desk)["snapshots"] is False
    desk.call("io.expire_deadmen", now_at=desk.now)
    assert health(desk) == {}


@pytest.fixture
def filed(db: Any, tmp_path: Path) -> Desk:
    """A running desk that needs its deadman file, which is there."""
    made = Desk(db.url, **FILED)
    made.ticks["gateway"].deadman_file = tmp_path / "TEST.armed"
    write_file(tmp_path / "TEST.armed", "armed")
    made.start()
    return made


def test_a_deadman_file_that_disappears_halts(filed: Desk) -> None:
    path = filed.ticks["gateway"].deadman_file
    assert path is not None
    assert filed.ticks["gateway"].beat() == "RUNNING"
    path.unlink()
    assert filed.ticks["gateway"].beat() == "HALTED"
    why = filed.one("select reason from run.run_history order by history_seq desc limit 1")
    assert why == "DEADMAN: the deadman file is not on the gateway's machine"
    write_file(path, "armed")
    assert filed.ticks["gateway"].beat() == "HALTED"  # putting it back heals nothing
    assert not path.exists()  # a halted run has none


def test_a_deadman_file_that_disappears_before_the_begin_disarms(filed: Desk) -> None:
    filed.act("run_stop", run_id=filed.run_id, reason="again")
    words = filed.value("api.run_arm_words", run_id=filed.run_id)
    assert filed.act("run_arm", run_id=filed.run_id, confirm=words)["run_status"] == "ARMED"
    filed.ticks["gateway"].deadman_file.unlink()
    assert filed.ticks["gateway"].beat() == "HALTED"


@pytest.mark.parametrize("said", [None, False])
def test_a_gateway_that_says_nothing_of_the_file_halts_too(filed: Desk, said: bool | None) -> None:
    beat = {"worker_kind": "gateway", "worker_name": "g", "has_deadman_file": said}
    assert filed.value(
        "io.record_heartbeat", **filed.lease("gateway"), **beat, now_at=filed.now
    ) == ("HALTED")


def test_other_workers_have_no_part_in_the_file(filed: Desk) -> None:
    assert filed.ticks["snapshots"].beat() == "RUNNING"


def test_a_run_that_needs_no_file_is_not_halted_for_want_of_one(running: Desk) -> None:
    assert running.ticks["gateway"].beat() == "RUNNING"


def test_a_live_run_needs_its_deadman_file(desk: Desk) -> None:
    from mqk.config.load import canonical, merge

    live = merge(merge(desk.config, LIVE), {"runtime": {"deadman_file": False}})
    row = desk.act("run_create", config=canonical(live), as_of_at=desk.now)
    assert (row["error_code"], row["detail"]) == (
        "MQA07",
        "CONFIG_LIVE_TERMS runtime.deadman_file must be true in LIVE",
    )
    with pytest.raises(psycopg.Error) as no:
        desk.sql("set local session_replication_role = replica")
        desk.sql(
            "alter table run.runs disable trigger all; update run.runs set mode = 'LIVE',"
            " clock_kind = 'SERVER'"
        )
    assert no.value.diag.constraint_name == "runs_that_are_live_keep_a_deadman_file"
