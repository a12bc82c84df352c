"""What went wrong with stopping at other desks; each line of the list of incidents is a law here."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from kit import Desk
from mqk.errors import MqkError

GROUPS = ("dispatch", "inbox", "recon", "md", "strategy", "operator", "approver", "auditor")


def enqueue(desk: Desk) -> None:
    """One order in the outbox."""
    desk.close(2, ticks=("marketdata", "broker_events", "snapshots", "strategist"), AAA=110, BBB=50)


def stop(desk: Desk) -> None:
    """A person stops the run."""
    desk.act("run_stop", run_id=desk.run_id, reason="lunch")


def halt(desk: Desk) -> None:
    """A person halts the run."""
    desk.act("run_halt", run_id=desk.run_id, reason="fire")


def begin_again(desk: Desk) -> None:
    """Pass preflight, arm and begin, as after any halt."""
    desk.clock.move_to(desk.now + timedelta(seconds=1))
    desk.tick("marketdata", "snapshots")
    words = desk.value("api.run_arm_words", run_id=desk.run_id)
    for command, args in (("run_arm", {"confirm": words}), ("run_begin", {})):
        row = desk.act(command, run_id=desk.run_id, **args)
        assert row["outcome"] == "DONE", row


def outbox(desk: Desk) -> str:
    """Status of the only outbox row."""
    return str(desk.one("select outbox_status from oms.outbox"))


@pytest.mark.parametrize("group", GROUPS)
def test_incident_n11_there_is_a_kill_switch_for_everybody_who_acts(
    running: Desk, db: Any, group: str
) -> None:
    login = f"desk_switch_{group}"
    db.create_login(login, f"mqk_{group}")
    is_worker = group in ("dispatch", "inbox", "recon", "md", "strategy")
    door = "io.halt_run" if is_worker else "api.run_halt"
    with db.connect(user=login) as conn:
        conn.execute(f"select * from {door}(%s, 'fire', %s)", [running.run_id, running.now])
    assert running.status == "HALTED"
    who = "select actor from run.run_history order by history_seq desc limit 1"
    assert running.one(who) == login


STEPS: list[Callable[[Desk], Any]] = [
    lambda d: d.call("io.claim_outbox", **d.lease("gateway"), worker_name="g", limit=1,
                     now_at=d.now),
    lambda d: d.call("io.begin_dispatch", **d.lease("gateway"), outbox_id=1, worker_name="g",
                     now_at=d.now),
    lambda d: d.call("io.get_permit", **d.lease("gateway"), outbox_id=1, attempt_no=1,
                     now_at=d.now),
]  # fmt: skip


@pytest.mark.parametrize("before", [0, 1, 2])
def test_incident_h4_after_the_kill_switch_no_order_goes_on(running: Desk, before: int) -> None:
    desk = running
    enqueue(desk)
    for step in STEPS[:before]:
        step(desk)
    halt(desk)
    for step in STEPS[before:]:
        try:
            answer = step(desk)
        except MqkError as no:
            assert no.code in ("MQS02", "MQS03", "MQG02", "MQN06")
        else:
            assert not answer[0]["is_granted"]
    for _ in range(3):
        desk.tick("strategist", "gateway")
    assert desk.one("select count(*) from oms.permits") == 0
    assert desk.broker.orders() == []


def test_incident_h4_a_halt_says_why_and_the_way_back_is_explicit(running: Desk) -> None:
    desk = running
    enqueue(desk)
    halt(desk)
    holds = desk.call("api.why_all", run_id=desk.run_id, now_at=desk.now)
    first = next(hold for hold in holds if not hold["is_open"])
    assert (first["reason"], first["is_open"]) == ("HALTED: fire", False)
    assert "clear-halted" in first["clear"]
    words = desk.value("api.run_arm_words", run_id=desk.run_id)
    for command, args in (("run_begin", {}), ("run_arm", {"confirm": words})):
        assert desk.act(command, run_id=desk.run_id, **args)["outcome"] == "REFUSED"
    assert desk.act("run_clear_halted", run_id=desk.run_id, reason="it was toast")[
        "run_status"
    ] == ("STOPPED")
    desk.tick("gateway")
    assert outbox(desk) == "PENDING"
    begin_again(desk)
    desk.tick("gateway")  # and it can be resumed
    assert outbox(desk) == "SENT"
    assert len(desk.broker.orders()) == 1


@pytest.mark.parametrize("end", [stop, halt])
def test_incident_f8_a_run_that_says_stopped_does_not_trade(
    running: Desk, end: Callable[[Desk], None]
) -> None:
    desk = running
    enqueue(desk)
    end(desk)
    said = desk.value("api.run_show", run_id=desk.run_id)["run_status"]
    assert said in ("STOPPED", "HALTED")
    for day, price in ((3, 130), (4, 90)):
        desk.close(day, AAA=price, BBB=50)
    with pytest.raises(MqkError, match="MQS02"):
        STEPS[0](desk)
    assert desk.one("select count(*) from oms.orders") == 1
    assert outbox(desk) == "PENDING"
    assert desk.broker.orders() == []
    assert desk.value("api.run_show", run_id=desk.run_id)["run_status"] == said


@pytest.mark.parametrize("crash_after", [1, 2, 3])
def test_incident_h3_an_order_is_not_lost_with_the_process_that_had_it(
    running: Desk, crash_after: int
) -> None:
    desk = running
    enqueue(desk)
    dead = desk.ticks["gateway"]
    for step in STEPS[:crash_after]:
        step(desk)
    name = desk.one("select client_order_id from oms.orders")
    if crash_after == 3:  # and the broker has it
        desk.broker.submit(dict(desk.sql("select * from oms.orders")[0]))
    desk.clock.move_to(desk.now + timedelta(seconds=60))
    desk.ticks["gateway"] = replace(dead, token="the next process", name="g", epoch=None)
    dead.release()
    desk.tick("gateway")
    if crash_after == 1:
        assert outbox(desk) == "SENT"
    elif crash_after == 2:
        assert outbox(desk) == "AMBIGUOUS"
        assert desk.status == "HALTED"
        desk.clock.move_to(desk.now + timedelta(seconds=1))
        assert [o["client_order_id"] for o in desk.call("io.list_unresolved",
                **desk.lease("gateway"), worker_name="g", now_at=desk.now)] == [name]  # fmt: skip
    else:
        assert outbox(desk) == "SENT"
        assert [o["client_order_id"] for o in desk.broker.orders()] == [name]


def test_incident_a_halt_and_a_claim_do_not_lock_each_other_out(running: Desk, db: Any) -> None:
    """Our own: a halt that locked the run before the outbox met a claim that did it in turn."""
    desk = running
    enqueue(desk)
    lease = list(desk.lease("gateway").values())

    def claim(_: int) -> str:
        with db.connect() as conn:
            try:
                conn.execute("select io.claim_outbox(%s, %s, 'g', 1, %s)", [*lease, desk.now])
                conn.execute("select io.list_unresolved(%s, %s, 'g', %s)", [*lease, desk.now])
            except Exception as no:
                return str(getattr(no, "sqlstate", no))
        return "done"

    with ThreadPoolExecutor(3) as pool:
        claims = pool.map(claim, range(30))
        for _ in range(10):
            halt(desk)
            desk.call("run.clear_halted", run_id=desk.run_id, reason="x", now_at=desk.now)
            desk.force_arm()
            desk.call("run.begin_run", run_id=desk.run_id, now_at=desk.now)
        assert set(claims) <= {"done", "MQS02", "MQG01"}


def test_incident_a_slow_clock_does_not_write_the_lease_backwards(running: Desk) -> None:
    """Our own: two callers, each with its time, made history go back."""
    desk = running
    desk.lease("gateway")
    desk.act("run_halt", run_id=desk.run_id, reason="later")
    slow = replace(desk.ticks["gateway"], clock=lambda: desk.now - timedelta(days=1))
    slow.lead()
    row = desk.sql("select l.renewed_at, h.taken_at from run.leases as l join run.lease_history as h"
                   " using (engine_id, account_id, worker_kind, lease_epoch)"
                   " where l.worker_kind = 'gateway'")[0]  # fmt: skip
    assert row["renewed_at"] >= row["taken_at"]
    assert row["renewed_at"] == desk.one("select last_at from audit.chains where chain_id = %s",
                                         desk.run_id)  # fmt: skip
