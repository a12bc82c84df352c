"""Laws of the halt: when it has committed nothing more is permitted, and nobody can hold it up."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import psycopg
import pytest

from kit import GIVEN, Desk

HALTS = 60
THREADS = 4
STOCK = 300  # orders to dispatch
MOST = 1.0  # seconds that a halt may take


@pytest.fixture
def enter(db: Any) -> Iterator[Callable[..., Any]]:
    """Sessions of fresh logins of a group: roles belong to the server, tests run side by side."""
    opened = []

    def connect(group: str, **options: Any) -> Any:
        login = f"desk_{group}_{db.name[-12:]}"
        db.create_login(login, f"mqk_{group}")
        opened.append(db.connect(user=login, **options))
        return opened[-1]

    yield connect
    for conn in opened:
        conn.close()
    with db.connect() as conn:
        for group in ("dispatch", "operator", "inbox", "strategy", "recon"):
            conn.execute(f'drop role if exists "desk_{group}_{db.name[-12:]}"')


def copy(desk: Desk, table: str, own: dict[str, str]) -> None:
    """Copy the only row of a table of oms STOCK times, as number n with columns of its own."""
    rows = desk.sql(
        "select attname as name from pg_attribute where attrelid = %s::regclass and attnum > 0"
        " and not attisdropped and attgenerated = ''",
        f"oms.{table}",
    )
    names = [row["name"] for row in rows]
    desk.sql(
        f"insert into oms.{table} ({', '.join(names)}) overriding system value"
        f" select {', '.join(own.get(name, f't.{name}') for name in names)}"
        f" from oms.{table} as t, generate_series(1, {STOCK}) as n"
    )


@pytest.fixture
def busy_desk(db: Any) -> Iterator[Desk]:
    """A running desk with thousands of pending orders, copied behind sleeping constraints."""
    desk = Desk(db.url, strategy=GIVEN)
    desk.start()
    desk.plan(2, AAA=10)
    desk.sql("set session_replication_role = replica")
    i = "('00000000-0000-8000-a000-' || lpad(n::text, 12, '0'))::uuid"
    own = {
        "order_id": i,
        "intent_id": i,
        "client_order_id": f"'TEST_' || replace({i}::text, '-', '')",
    }
    copy(desk, "orders", own)
    copy(desk, "outbox", {"order_id": i, "outbox_id": "t.outbox_id + n"})
    copy(desk, "outbox_history", {"outbox_id": "t.outbox_id + n"})
    desk.sql("set session_replication_role = origin")
    yield desk
    desk.conn.close()


def hold(conn: Any, desk: Desk, *statements: str) -> None:
    """Open a transaction that holds what these statements lock, and stay in it."""
    conn.execute("begin")
    for statement in statements:
        conn.execute(statement, {"run": desk.run_id, "now": desk.now})


ACQUIRE = "select io.acquire_lease(%(run)s, 'gateway', 'evil', 'evil', %(now)s)"
BEAT = "select io.record_heartbeat(%(run)s, 2, 'gateway', 'evil', null, %(now)s)"
HOLDS = {
    "the run, shared": [ACQUIRE],
    "the run and its diary": [ACQUIRE, BEAT],
    "the run, behind a savepoint": ["savepoint s", ACQUIRE, "release savepoint s"],
    "the run, halting it": ["select io.halt_run(%(run)s, 'evil', %(now)s)"],
}


def halt(conn: Any, desk: Desk) -> dict[str, Any]:
    """Halt as the login of a session."""
    ask = "select * from api.run_halt(%s, 'fire', %s)"
    row: dict[str, Any] = conn.execute(ask, [desk.run_id, desk.now]).fetchone()
    return row


@pytest.mark.parametrize("what", HOLDS)
def test_a_halt_ends_a_session_that_holds_the_run(desk: Desk, enter: Any, what: str) -> None:
    desk.start()
    evil, operator = enter("dispatch", application_name="mqk-evil"), enter("operator")
    hold(evil, desk, "set idle_in_transaction_session_timeout = 0", *HOLDS[what])
    pid, login = evil.info.backend_pid, evil.info.user
    began = time.monotonic()
    row = halt(operator, desk)
    assert time.monotonic() - began < MOST
    assert (row["outcome"], row["run_status"]) == ("DONE", "HALTED")
    assert row["detail"] == f"ended session {pid} of {login} (mqk-evil); "
    with pytest.raises(psycopg.OperationalError):
        evil.execute("commit")
    assert desk.halt_reason == "fire"
    kept = desk.sql("select actor, payload from audit.events where event_name = 'HALT_BROKE_LOCKS'")
    assert [k["actor"] for k in kept] == [operator.info.user]
    assert kept[0]["payload"]["detail"] == row["detail"]
    assert desk.call("api.audit_actions", limit=1)[0]["detail"] == row["detail"]


def test_a_halt_ends_all_that_share_the_run_and_leaves_readers_alone(
    desk: Desk, enter: Any
) -> None:
    desk.start()
    asks = {"dispatch": "gateway", "inbox": "broker_events", "strategy": "strategist"}
    for group, kind in asks.items():
        evil, ask = enter(group), ACQUIRE.replace("gateway", kind)
        evil.execute(ask, {"run": desk.run_id, "now": desk.now})
        hold(evil, desk, ask)
    reader = enter("dispatch")
    hold(reader, desk, "select io.count_claimable(%(run)s, %(now)s)")
    began = time.monotonic()
    row = desk.act("run_halt", run_id=desk.run_id, reason="fire")
    assert time.monotonic() - began < MOST
    assert row["run_status"] == "HALTED"
    assert row["detail"].count("ended session") == 3
    reader.execute("commit")


def test_a_workers_halt_is_not_held_up_either(desk: Desk, enter: Any) -> None:
    desk.start()
    evil, worker = enter("dispatch"), enter("recon")
    hold(evil, desk, ACQUIRE)
    began = time.monotonic()
    worker.execute("select io.halt_run(%s, 'fire', %s)", [desk.run_id, desk.now])
    assert time.monotonic() - began < MOST
    assert desk.halt_reason == "worker: fire"


def test_a_halt_that_may_not_end_a_session_names_it(desk: Desk, db: Any, enter: Any) -> None:
    desk.start()
    operator = enter("operator")
    with db.connect(application_name="a dba") as dba:
        dba.execute("begin")
        dba.execute("select from run.runs for share")
        with pytest.raises(psycopg.errors.LockNotAvailable) as no:
            halt(operator, desk)
        said = f"may not end session {dba.info.backend_pid} of postgres (a dba); "
        assert no.value.diag.message_detail == said * 3
        assert "pg_signal_backend" in str(no.value.diag.message_hint)
        assert desk.status == "RUNNING"
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(halt, operator, desk)
            time.sleep(1)
            dba.execute("commit")
            assert waiting.result(20)["run_status"] == "HALTED"
    assert waiting.result()["detail"] == said * 2


def test_a_halt_without_the_right_to_end_sessions_works_when_nobody_holds_the_run(
    desk: Desk, enter: Any
) -> None:
    desk.start()
    with desk.conn.transaction(force_rollback=True):
        hold(enter("dispatch"), desk, "select io.count_claimable(%(run)s, %(now)s)")
        desk.sql("revoke pg_signal_backend from mqk_owner")
        assert desk.act("run_halt", run_id=desk.run_id, reason="fire")["detail"] == ""
        assert desk.status == "HALTED"


def test_who_holds_the_run_and_moves_it_does_not_lock_itself_out_by_a_waiting_halt(
    desk: Desk, db: Any
) -> None:
    desk.start()
    with db.connect() as other, ThreadPoolExecutor(1) as pool:
        other.execute("begin")
        other.execute("select run.lock_run(%s, true, %s)", [desk.run_id, desk.now])
        waiting = pool.submit(desk.act, "run_halt", run_id=desk.run_id, reason="fire")
        time.sleep(0.1)
        other.execute("set local lock_timeout = '1s'")
        halt = "select run.halt_run(%s, 'MANUAL', 'mine', '{}', %s)"
        other.execute(halt, [desk.run_id, desk.now])
        other.execute("commit")
        assert waiting.result(20)["run_status"] == "HALTED"
    assert desk.halt_reason == "mine"


def test_the_lock_timeout_of_the_session_is_given_back(desk: Desk) -> None:
    with desk.conn.transaction():
        desk.sql("set local lock_timeout = '7s'")
        desk.act("run_halt", run_id=desk.run_id, reason="fire")
        assert desk.one("show lock_timeout") == "7s"


def test_a_halt_from_plain_sql_is_the_same_halt(desk: Desk, enter: Any) -> None:
    desk.start()
    row = (
        enter("operator")
        .execute(
            f"select outcome, run_status from api.run_halt('{desk.run_id}', 'fire', '{desk.now}')"
        )
        .fetchone()
    )
    assert row == {"outcome": "DONE", "run_status": "HALTED"}


def dispatch(desk: Desk, db: Any, epoch: int, name: str, over: Event) -> int:
    """Take permits until it is over; give how many."""
    head = [desk.run_id, epoch]
    taken = 0
    with db.connect() as conn:
        while not over.is_set():
            try:
                claim = "select outbox_id from io.claim_outbox(%s, %s, %s, 1, %s)"
                rows = conn.execute(claim, [*head, name, desk.now]).fetchall()
                time.sleep(0 if rows else 0.005)
                for row in rows:
                    outbox_id = row["outbox_id"]
                    begin = "select * from io.begin_dispatch(%s, %s, %s, %s, %s)"
                    begun = conn.execute(begin, [*head, outbox_id, name, desk.now]).fetchone()
                    if begun["is_granted"]:
                        permit = "select io.get_permit(%s, %s, %s, %s, %s)"
                        conn.execute(permit, [*head, outbox_id, begun["attempt_no"], desk.now])
                        taken += 1
            except psycopg.Error as no:
                if no.sqlstate not in ("MQS02", "MQG01", "MQG02"):
                    raise
    return taken


def begin_again(desk: Desk) -> None:
    """Clear, arm and begin behind the doors: orders in doubt do not matter here."""
    with desk.conn.transaction():
        desk.sql("lock table run.runs in exclusive mode")  # in turn: the threads share its row
        desk.call("run.clear_halted", run_id=desk.run_id, reason="again", now_at=desk.now)
        desk.force_arm()
        desk.call("run.begin_run", run_id=desk.run_id, now_at=desk.now)


def test_no_permit_is_given_after_a_halt_has_committed(busy_desk: Desk, db: Any) -> None:
    desk, over = busy_desk, Event()
    epoch = desk.ticks["gateway"].lead()
    late, took = [], []
    with ThreadPoolExecutor(THREADS) as pool:
        going = [pool.submit(dispatch, desk, db, epoch, f"g{n}", over) for n in range(THREADS)]
        try:
            for number in range(HALTS):
                began = time.monotonic()
                assert (
                    desk.act("run_halt", run_id=desk.run_id, reason="x")["run_status"] == "HALTED"
                )
                took.append(time.monotonic() - began)
                permits = desk.one("select count(*) from oms.permits")
                time.sleep(0.005)
                if desk.one("select count(*) from oms.permits") != permits:
                    late.append(number)
                begin_again(desk)
                until = time.monotonic() + 2
                while time.monotonic() < until:  # the next halt meets threads that dispatch
                    if desk.one("select count(*) from oms.permits") > permits:
                        break
        finally:
            over.set()
        granted = sum(one.result(30) for one in going)
    assert late == []
    took.sort()
    p50, p99 = took[HALTS // 2], took[HALTS * 99 // 100]
    print(f"halts: p50 {p50:.3f} s, p99 {p99:.3f} s, most {took[-1]:.3f} s; {granted} permits")
    assert took[-1] < MOST
    assert granted > HALTS // 2  # the threads really were at it
    assert desk.one("select count(*) from oms.permits") == granted
    forbidden = (
        "select count(*) from oms.permits as p join oms.attempts as a using (run_id, outbox_id,"
        " attempt_no) where not exists (select from run.run_history as h where h.run_id = p.run_id"
        " and h.to_status = 'RUNNING' and h.moved_at <= p.permitted_at)"
    )
    assert desk.one(forbidden) == 0
