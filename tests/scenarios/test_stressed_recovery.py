"""The stressed recovery matrix, SR-01 to SR-12: what a desk is after each bad start or end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from kit import Desk
from mqk.errors import MqkError


def words(desk: Desk) -> str:
    """The words that arm."""
    return str(desk.value("api.run_arm_words", run_id=desk.run_id))


def attempts(desk: Desk) -> int:
    """How many requests were begun."""
    return int(desk.one("select count(*) from oms.attempts"))


def test_sr_01_a_fresh_run_is_disarmed_and_idle(desk: Desk) -> None:
    desk.close(1, AAA=100, BBB=50)  # every worker ticks
    assert desk.status == "CREATED"
    assert desk.one("select count(*) from oms.intents") == 0
    assert desk.broker.orders() == []


def test_sr_02_what_a_worker_remembers_arms_nothing(desk: Desk) -> None:
    for tick in desk.ticks.values():
        tick.run = {**desk.run, "run_status": "RUNNING"}  # a poisoned memory
    desk.close(1, AAA=100, BBB=50)
    desk.close(2, AAA=110, BBB=50)
    assert desk.status == "CREATED"
    assert desk.one("select count(*) from oms.intents") == 0


def test_sr_03_without_the_words_and_without_a_token_nothing_is_armed(desk: Desk, db: Any) -> None:
    assert desk.act("run_arm", run_id=desk.run_id, confirm=None)["error_code"] == "MQA11"
    db.create_login("desk_console_sr", "mqk_console")
    with db.connect(user="desk_console_sr") as console, pytest.raises(psycopg.Error) as no:
        console.execute("select api.run_arm(%s, 'x', %s)", [desk.run_id, desk.now])
    assert no.value.sqlstate == "42501"


def test_sr_04_a_change_of_mode_says_what_stands_in_its_way(running: Desk) -> None:
    row = running.act("run_change_mode", engine_id="TEST", mode="LIVE", reason="now for real")
    assert (row["outcome"], row["error_code"]) == ("REFUSED", "MQS12")
    assert str(running.run_id) in row["detail"] and "mqk run stop" in row["fix"]


def test_sr_07_a_stop_of_what_is_stopped_changes_nothing(running: Desk) -> None:
    for _ in range(2):
        assert running.act("run_stop", run_id=running.run_id, reason="x")["run_status"] == "STOPPED"
    moves = "select count(*) from run.run_history where to_status = 'STOPPED'"
    assert running.one(moves) == 1


def test_sr_08_arming_and_disarming_again_and_again_is_stable(desk: Desk) -> None:
    desk.start()
    for n in range(3):
        desk.act("run_stop", run_id=desk.run_id, reason="x")
        assert desk.act("run_arm", run_id=desk.run_id, confirm=words(desk))["outcome"] == "DONE", n
        assert desk.act("run_begin", run_id=desk.run_id)["outcome"] == "DONE", n
    assert desk.one("select count(*) from run.armings") == 4
    assert desk.one("select armed_epoch from run.runs") == 4


def test_sr_09_after_a_stop_what_is_not_proven_again_is_unknown(running: Desk) -> None:
    running.act("run_stop", run_id=running.run_id, reason="x")
    running.clock.move_to(running.now + timedelta(days=20))
    holds = running.call("api.why_all", run_id=running.run_id, now_at=running.now)
    gates = [h for h in holds if h["gate"].startswith("gate ")]
    assert {h["is_open"] for h in gates} == {False}
    assert all("no proof since" in h["reason"] for h in gates)


def test_sr_10_a_halt_that_is_stored_beats_what_a_worker_remembers(given_desk: Desk) -> None:
    given_desk.plan(2, AAA=10)
    given_desk.act("run_halt", run_id=given_desk.run_id, reason="fire")
    for tick in given_desk.ticks.values():
        tick.run = {**given_desk.run, "run_status": "RUNNING"}
    given_desk.tick("gateway")
    assert attempts(given_desk) == 0
    assert given_desk.broker.orders() == []


def test_sr_11_an_expired_deadman_halts_and_disarms(given_desk: Desk) -> None:
    given_desk.plan(2, AAA=10)
    given_desk.clock.move_to(
        given_desk.one("select expires_at from run.gates where gate = 'DEADMAN'")
    )
    given_desk.call("io.expire_deadmen", now_at=given_desk.now)
    assert given_desk.status == "HALTED"
    given_desk.tick("gateway")
    assert attempts(given_desk) == 0


def test_sr_12_a_heartbeat_that_cannot_be_written_sends_nothing(given_desk: Desk) -> None:
    given_desk.plan(2, AAA=10)
    given_desk.sql("alter table run.heartbeats add constraint full_disk check (beat_at < '2000-01-01')"
                   " not valid")  # fmt: skip
    with pytest.raises(MqkError):
        given_desk.tick("gateway")
    given_desk.sql("alter table run.heartbeats drop constraint full_disk")
    assert attempts(given_desk) == 0
    assert given_desk.broker.orders() == []
