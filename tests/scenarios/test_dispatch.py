"""Laws of the way out: intent, verdict, outbox, attempt, permit, broker."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import psycopg
import pytest

from kit import Desk
from mqk.brokers import Unsure
from mqk.errors import MqkError
from mqk.workers import gateway


def enqueue(desk: Desk) -> int:
    """A buy order in the outbox, the gateway not yet called; give its outbox_id."""
    desk.close(2, ticks=("marketdata", "broker_events", "snapshots", "strategist"), AAA=110, BBB=50)
    return int(desk.one("select outbox_id from oms.outbox where outbox_status = 'PENDING'"))


def claim(desk: Desk, name: str = "gw-1") -> list[dict[str, Any]]:
    """Claim one."""
    return desk.call(
        "io.claim_outbox", **desk.lease("gateway"), worker_name=name, limit=1, now_at=desk.now
    )


def begin(desk: Desk, outbox_id: int, name: str = "gw-1") -> dict[str, Any]:
    """Begin a dispatch."""
    row = {**desk.lease("gateway"), "outbox_id": outbox_id}
    return desk.call("io.begin_dispatch", **row, worker_name=name, now_at=desk.now)[0]


def permit(desk: Desk, outbox_id: int, attempt_no: int = 1) -> dict[str, Any]:
    """Ask what to send."""
    row = {**desk.lease("gateway"), "outbox_id": outbox_id, "attempt_no": attempt_no}
    return desk.call("io.get_permit", **row, now_at=desk.now)[0]


def outbox_status(desk: Desk) -> str:
    """Status of the only outbox row."""
    return str(desk.one("select outbox_status from oms.outbox"))


def shut(desk: Desk, gate: str) -> None:
    """Let a gate's proof run out without halting the run."""
    desk.sql(
        "update run.gates set expires_at = observed_at where run_id = %s and gate = %s",
        desk.run_id,
        gate,
    )


def test_intents_are_the_difference_to_the_target_sells_first(running: Desk) -> None:
    running.close(2, AAA=110, BBB=55)
    running.close(3, AAA=90, BBB=60)
    rows = running.sql("select symbol, order_qty from oms.intents order by created_at, symbol")
    assert [r["symbol"] for r in rows] == ["AAA", "BBB", "AAA"]
    assert rows[2]["order_qty"] == -rows[0]["order_qty"]


def test_a_bar_is_decided_once_whatever_is_retried(running: Desk) -> None:
    enqueue(running)
    running.tick("strategist", "strategist")
    again = running.call(
        "io.plan_intents", **running.lease("strategist"), targets={"AAA": 5}, now_at=running.now
    )
    assert again == []
    assert running.one("select count(*) from oms.orders") == 1
    assert running.one("select count(*) from strat.decisions") == 1


@pytest.mark.parametrize(("target", "ordered"), [(9, []), (10, []), (11, [1]), (0, []), (-1, [])])
def test_open_orders_count_towards_the_target_and_are_not_traded_against(
    given_desk: Desk, target: int, ordered: list[int]
) -> None:
    assert [row["order_qty"] for row in given_desk.plan(2, AAA=10)] == [10]
    assert [row["order_qty"] for row in given_desk.plan(3, AAA=target)] == ordered


def test_a_target_outside_the_universe_is_refused_and_nothing_is_written(running: Desk) -> None:
    running.sql("update strat.strategies set strategy_kind = 'PYTHON'")
    running.close(2, ticks=("marketdata",), AAA=110, BBB=50)
    for targets in ({"ZZZ": 1}, {"AAA": 1.5}, {"AAA": "x"}):
        with pytest.raises(MqkError, match="MQA08"):
            lease = running.lease("strategist")
            running.call("io.plan_intents", **lease, targets=targets, now_at=running.now)
    assert running.one("select count(*) from strat.decisions") == 0


def test_an_order_name_is_its_intents_and_never_changes(running: Desk) -> None:
    outbox_id = enqueue(running)
    names = running.sql("select client_order_id, intent_id from oms.orders")
    assert names[0]["client_order_id"] == f"TEST_{names[0]['intent_id'].hex}"
    claim(running)
    begin(running, outbox_id)
    assert permit(running, outbox_id)["client_order_id"] == names[0]["client_order_id"]


@pytest.mark.parametrize("gate", ["DEADMAN", "INTEGRITY", "RECON", "RISK"])
def test_nothing_is_claimed_while_a_gate_is_shut(running: Desk, gate: str) -> None:
    enqueue(running)
    shut(running, gate)
    with pytest.raises(MqkError) as no:
        claim(running)
    assert no.value.code == "MQG01"
    assert gate in no.value.detail
    assert outbox_status(running) == "PENDING"
    running.ticks["gateway"].broker = None
    running.call("io.count_claimable", run_id=running.run_id, now_at=running.now)


@pytest.mark.parametrize("gate", ["DEADMAN", "INTEGRITY", "RECON", "RISK"])
def test_a_gate_that_shuts_after_the_claim_stops_the_dispatch(running: Desk, gate: str) -> None:
    outbox_id = enqueue(running)
    claim(running)
    shut(running, gate)
    begun = begin(running, outbox_id)
    assert not begun["is_granted"]
    assert gate in begun["reason"]
    assert outbox_status(running) == "PENDING"
    kept = running.sql("select reason from oms.outbox_history order by history_seq desc limit 1")
    assert gate in kept[0]["reason"]


GATES = ["continuity", "deadman", "integrity", "recon", "risk"]


@pytest.mark.parametrize("gate", [*GATES, None])
def test_an_attempt_row_with_a_shut_gate_cannot_exist(running: Desk, gate: str | None) -> None:
    outbox_id = enqueue(running)
    claim(running)
    shut = (gate or "risk").upper()
    running.sql(
        "insert into run.gate_history values (%s, %s, 99, false, 'shut', '{}', 'x', %s)",
        running.run_id, shut, running.now,
    )  # fmt: skip
    seen = [
        running.one("select gate_seq from run.gates where gate = %s", name.upper())
        if name != gate
        else 99
        for name in GATES
    ]
    with running.conn.transaction(force_rollback=True):
        forge = (
            "insert into oms.attempts (run_id, outbox_id, attempt_no, request_kind, lane,"
            " dispatch_seq, worker_name, continuity_gate_seq, deadman_gate_seq,"
            " integrity_gate_seq, recon_gate_seq,"
            " risk_gate_seq, gates_expire_at, lease_epoch, lease_expires_at, armed_epoch, begun_by,"
            " begun_at, permit_expires_at, wal_lsn, begun_xid) select %s, %s, 1, 'SUBMIT', 'GATED',"
            " oms.move_outbox(%s, %s, 'DISPATCHING', 'forged', 'forged', %s), 'forged', %s, %s, %s,"
            " %s, %s, t + '1 day', 1, t + '1 day', 1, 'x', t, t + '1 s', '0/0', '1'"
            " from (select %s::timestamptz) as n (t)"
        )
        ids = (running.run_id, outbox_id)
        if gate is None:
            running.sql(forge, *ids, *ids, running.now, *seen, running.now)
            return
        with pytest.raises(psycopg.Error) as no:
            running.sql(forge, *ids, *ids, running.now, *seen, running.now)
        assert no.value.diag.constraint_name == f"attempts_saw_the_{gate}_gate_open"


def test_a_halted_run_dispatches_nothing_not_even_with_a_claim(running: Desk) -> None:
    outbox_id = enqueue(running)
    claim(running)
    running.act("run_halt", run_id=running.run_id, reason="fire")
    assert not begin(running, outbox_id)["is_granted"]
    assert running.one("select count(*) from oms.attempts") == 0


def test_no_permit_is_given_after_a_halt(running: Desk) -> None:
    outbox_id = enqueue(running)
    claim(running)
    begin(running, outbox_id)
    running.act("run_halt", run_id=running.run_id, reason="fire")
    with pytest.raises(MqkError, match="HALTED") as no:
        permit(running, outbox_id)
    assert no.value.code == "MQG02"


def test_a_permit_is_given_once(running: Desk) -> None:
    outbox_id = enqueue(running)
    claim(running)
    begin(running, outbox_id)
    assert permit(running, outbox_id)["order_qty"] > 0
    with pytest.raises(MqkError, match="given before"):
        permit(running, outbox_id)


@pytest.mark.parametrize("late", [0, 1])
def test_a_permit_lives_two_seconds(running: Desk, late: int) -> None:
    outbox_id = enqueue(running)
    claim(running)
    begin(running, outbox_id)
    running.clock.move_to(running.now + timedelta(seconds=2, microseconds=late - 1))
    if late:
        with pytest.raises(MqkError, match="too late"):
            permit(running, outbox_id)
    else:
        assert permit(running, outbox_id)["symbol"] == "AAA"


def test_what_to_send_is_not_told_in_the_transaction_that_began_the_attempt(running: Desk) -> None:
    outbox_id = enqueue(running)
    claim(running)
    with pytest.raises(MqkError, match="same transaction"), running.conn.transaction():
        begin(running, outbox_id)
        permit(running, outbox_id)
    assert outbox_status(running) == "CLAIMED"


def test_a_claim_tells_nothing_but_the_id(running: Desk) -> None:
    enqueue(running)
    assert list(claim(running)[0]) == ["outbox_id"]


def test_two_gateways_never_claim_the_same_order(running: Desk, db: Any) -> None:
    running.close(2, ticks=("marketdata", "strategist"), AAA=110, BBB=55)
    call = "select outbox_id from io.claim_outbox(%s, %s, %s, 1, %s)"
    epoch = running.lease("gateway")["lease_epoch"]
    both = Barrier(2)

    def claim_all(name: str) -> list[int]:
        mine = []
        with db.connect() as conn:
            both.wait()
            while rows := conn.execute(call, [running.run_id, epoch, name, running.now]).fetchall():
                mine += [row["outbox_id"] for row in rows]
        return mine

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(claim_all, ["gw-1", "gw-2"])
    assert sorted([*one, *two]) == [1, 2]
    by = running.sql("select outbox_id, claimed_by from oms.outbox order by outbox_id")
    assert {r["outbox_id"] for r in by if r["claimed_by"] == "gw-1"} == set(one)


def test_a_row_that_another_gateway_holds_is_stepped_over(running: Desk, db: Any) -> None:
    running.close(2, ticks=("marketdata", "strategist"), AAA=110, BBB=55)
    with db.connect() as other, other.transaction():
        other.execute("select from oms.outbox where outbox_id = 1 for update")
        assert [row["outbox_id"] for row in claim(running)] == [2]


def test_only_the_claimant_may_dispatch(running: Desk) -> None:
    outbox_id = enqueue(running)
    claim(running, "gw-1")
    with pytest.raises(MqkError, match="MQS03"):
        begin(running, outbox_id, "gw-2")


@pytest.mark.parametrize("limit", [0, 101])
def test_a_claim_is_bounded(running: Desk, limit: int) -> None:
    with pytest.raises(MqkError, match="MQA02"):
        running.call("io.claim_outbox", **running.lease("gateway"), worker_name="g", limit=limit,
                     now_at=running.now)  # fmt: skip


def test_an_order_that_was_not_sent_in_time_is_failed_not_sent_late(running: Desk) -> None:
    enqueue(running)
    running.clock.move_to(running.one("select expires_at from oms.outbox"))
    running.tick("gateway")
    assert outbox_status(running) == "FAILED"
    assert running.one("select order_status from oms.orders") == "EXPIRED"
    assert running.broker.orders() == []


def test_a_refusal_of_the_broker_ends_the_order_and_counts_as_a_reject(running: Desk) -> None:
    enqueue(running)
    running.sql("delete from sim.quotes")
    running.tick("gateway")
    assert outbox_status(running) == "FAILED"
    order = running.sql("select order_status, status_seq from oms.orders")[0]
    assert order["order_status"] == "REJECTED"
    assert running.one("select count(*) from risk.rejects") == 1


def test_a_crash_before_the_dispatch_loses_nothing(running: Desk) -> None:
    enqueue(running)
    claim(running, running.ticks["gateway"].name)
    running.tick("gateway")
    assert outbox_status(running) == "SENT"
    assert len(running.broker.orders()) == 1


def test_a_crash_after_the_submit_is_found_at_the_broker_and_not_sent_twice(running: Desk) -> None:
    outbox_id = enqueue(running)
    name = running.ticks["gateway"].name
    claim(running, name)
    begin(running, outbox_id, name)
    running.broker.submit(permit(running, outbox_id))
    running.tick("gateway")  # the restarted gateway
    assert outbox_status(running) == "SENT"
    assert running.status == "HALTED"
    assert len(running.broker.orders()) == 1
    row = running.act("run_clear_halted", run_id=running.run_id, reason="found at the broker")
    assert row["outcome"] == "DONE"


def test_a_crash_before_the_submit_is_resent_only_after_proof_of_absence(running: Desk) -> None:
    outbox_id = enqueue(running)
    name = running.ticks["gateway"].name
    claim(running, name)
    begin(running, outbox_id, name)
    for misses, status in ((1, "AMBIGUOUS"), (2, "AMBIGUOUS"), (3, "PENDING")):
        running.tick("gateway")
        assert running.one("select count(*) from oms.absence_misses") == misses
        assert outbox_status(running) == status
        if misses < 3:
            cleared = running.act("run_clear_halted", run_id=running.run_id, reason="too soon")
            assert cleared["error_code"] == "MQG07"
        running.clock.move_to(running.now + timedelta(seconds=5))
    assert running.status == "HALTED"
    running.act("run_clear_halted", run_id=running.run_id, reason="proven absent")
    running.tick("marketdata", "snapshots")
    words = running.value("api.run_arm_words", run_id=running.run_id)
    running.act("run_arm", run_id=running.run_id, confirm=words)
    running.act("run_begin", run_id=running.run_id)
    running.tick("gateway")
    assert outbox_status(running) == "SENT"
    assert running.one("select max(attempt_no) from oms.attempts") == 2
    sent = [o["client_order_id"] for o in running.broker.orders()]
    assert sent == [running.one("select client_order_id from oms.orders")]


def test_misses_in_quick_succession_prove_nothing(running: Desk) -> None:
    outbox_id = enqueue(running)
    name = running.ticks["gateway"].name
    claim(running, name)
    begin(running, outbox_id, name)
    for _ in range(10):
        running.tick("gateway")
        running.clock.move_to(running.now + timedelta(seconds=1))
    assert outbox_status(running) == "AMBIGUOUS"
    assert running.one("select count(*) from oms.absence_misses") == 5  # at 0, 1, 2, 4, 8 seconds


def test_an_order_in_doubt_is_looked_up_at_growing_intervals(running: Desk) -> None:
    outbox_id = enqueue(running)
    name = running.ticks["gateway"].name
    claim(running, name)
    begin(running, outbox_id, name)
    begun = running.now
    for tenth in range(76):
        running.clock.move_to(begun + timedelta(seconds=tenth / 10))
        running.tick("gateway")
    asked = running.sql("select looked_up_at from oms.absence_misses order by miss_no")
    seconds = [(row["looked_up_at"] - begun).total_seconds() for row in asked]
    assert seconds == [0, 0.5, 1.5, 3.5, 7.5]


def test_absence_is_not_believed_when_the_brokers_list_has_the_order(running: Desk) -> None:
    outbox_id = enqueue(running)
    name = running.ticks["gateway"].name
    claim(running, name)
    begin(running, outbox_id, name)
    order = running.one("select client_order_id from oms.orders")
    running.call("io.mark_ambiguous", **running.lease("gateway"), outbox_id=outbox_id, reason="x",
                 now_at=running.now)  # fmt: skip
    with pytest.raises(MqkError, match="the broker holds the order"):
        running.call("io.record_absence", **running.lease("gateway"), outbox_id=outbox_id, attempt_no=1,
                     broker_orders=[order], now_at=running.now)  # fmt: skip


def test_a_second_attempt_without_proof_cannot_exist(running: Desk) -> None:
    outbox_id = enqueue(running)
    claim(running)
    begin(running, outbox_id)
    with pytest.raises(psycopg.Error) as no:
        running.sql("select oms.move_outbox(%s, %s, 'AMBIGUOUS', null, 'x', %s);",
                    running.run_id, outbox_id, running.now)  # fmt: skip
        running.sql(
            "insert into oms.attempts (run_id, outbox_id, attempt_no, request_kind, lane,"
            " dispatch_seq, worker_name,"
            " continuity_gate_seq, deadman_gate_seq, integrity_gate_seq, recon_gate_seq,"
            " risk_gate_seq, gates_expire_at, lease_epoch, lease_expires_at,"
            " armed_epoch, begun_by, begun_at, permit_expires_at, wal_lsn, begun_xid)"
            " select run_id, outbox_id, 2, request_kind, lane, dispatch_seq, worker_name,"
            " continuity_gate_seq, deadman_gate_seq, integrity_gate_seq, recon_gate_seq,"
            " risk_gate_seq, gates_expire_at, lease_epoch, lease_expires_at, armed_epoch,"
            " begun_by, begun_at, permit_expires_at, wal_lsn, begun_xid from oms.attempts"
        )
    assert no.value.diag.constraint_name == "attempts_after_the_first_prove_absence"
    halt = "select run.halt_run(%s, 'MANUAL', 'in doubt', '{}', %s)"
    running.sql(halt, running.run_id, running.now)


def test_doubt_halts_and_the_order_is_not_sent_again(
    running: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    enqueue(running)
    submits = []

    def submit(permit: Any) -> str:
        submits.append(permit)
        raise Unsure("timed out after 5 s")

    monkeypatch.setattr(running.broker, "submit", submit)
    running.tick("gateway")
    assert running.status == "HALTED"
    assert "AMBIGUOUS_SUBMIT" in running.halt_reason
    for _ in range(3):
        gateway.tick(running.ticks["gateway"])
    assert len(submits) == 1


def test_a_broker_order_that_was_never_sent_cannot_be_mapped(running: Desk) -> None:
    outbox_id = enqueue(running)
    with pytest.raises(MqkError, match="MQS03"):
        running.call("io.mark_sent", **running.lease("gateway"), outbox_id=outbox_id,
                     broker_order_id="b-1", now_at=running.now)  # fmt: skip
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        running.sql(
            "insert into oms.broker_map (run_id, outbox_id, account_id, broker_order_id, sent_seq,"
            " mapped_at) values (%s, %s, 'PAPER-TEST-0001', 'b-1', 1, %s)",
            running.run_id,
            outbox_id,
            running.now,
        )


def test_an_order_without_an_allow_verdict_cannot_exist(running: Desk) -> None:
    enqueue(running)
    with pytest.raises(psycopg.Error) as no:
        running.sql(
            "insert into oms.orders (run_id, order_id, intent_id, account_id, client_order_id, symbol,"
            " order_qty, order_type, time_in_force, order_status, status_seq, cum_qty, working_qty,"
            " gap_qty, pending_op, created_at)"
            " select run_id, gen_random_uuid(), intent_id, account_id, 'TEST_' || repeat('0', 32),"
            " symbol, order_qty + 1, order_type, time_in_force, 'NEW', 1, 0, working_qty, 0, 'NONE',"
            " created_at"
            " from oms.orders"
        )
    assert no.value.diag.constraint_name in (
        "orders_were_allowed_as_they_are",
        "orders_serve_an_intent_once",
    )


def test_a_status_cannot_leave_its_moves(running: Desk) -> None:
    outbox_id = enqueue(running)
    for to_status in ("DISPATCHING", "SENT", "ACKED", "AMBIGUOUS"):
        with pytest.raises(psycopg.errors.ForeignKeyViolation), running.conn.transaction():
            running.sql("select oms.move_outbox(%s, %s, %s, 'x', 'forced', %s)",
                        running.run_id, outbox_id, to_status, running.now)  # fmt: skip
    with pytest.raises(psycopg.errors.IntegrityError), running.conn.transaction():
        running.sql("update oms.outbox set outbox_status = 'FAILED'")


@pytest.mark.parametrize(("waiting", "code"), [(999, None), (1000, "MQG22")])
def test_a_desk_decides_nothing_while_1000_requests_wait(
    given_desk: Desk, waiting: int, code: str | None
) -> None:
    given_desk.plan(2, AAA=1)
    with given_desk.conn.transaction():
        given_desk.sql("set local session_replication_role = replica")
        given_desk.sql(
            "insert into oms.outbox (run_id, order_id, request_kind, lane, outbox_status, status_seq,"
            " expires_at, enqueued_at) select run_id, core.derive_id('flood', array[n::text]), 'SUBMIT',"
            " 'GATED', 'PENDING', 1, 'infinity', enqueued_at"
            " from oms.outbox cross join generate_series(2, %s) as n",
            waiting,
        )
    given_desk.close(3, ticks=("marketdata",), AAA=100, BBB=50)
    lease = given_desk.lease("strategist")
    decided = {**lease, "targets": {"AAA": 5}, "now_at": given_desk.now}
    if code is None:
        assert len(given_desk.call("io.plan_intents", **decided)) == 1
    else:
        with pytest.raises(MqkError, match=code):
            given_desk.call("io.plan_intents", **decided)
    with given_desk.conn.transaction():
        given_desk.sql("set local session_replication_role = replica")
        given_desk.sql("delete from oms.outbox where expires_at = 'infinity'")
