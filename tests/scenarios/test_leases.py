"""Laws of the lease: one process of a kind acts, and its epoch never goes back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import psycopg
import pytest

from kit import GIVEN, Desk
from mqk.errors import MqkError
from mqk.tick import StandBy, Tick

TTL = timedelta(seconds=864000)  # the desk's runtime.lease_seconds
KINDS = ("gateway", "broker_events", "snapshots", "strategist")
GROUPS = {"gateway": "dispatch", "broker_events": "inbox", "snapshots": "recon",
          "strategist": "strategy"}  # fmt: skip


def acquire(desk: Desk, kind: str = "gateway", **who: Any) -> dict[str, Any]:
    """Ask for a lease as another process, unless `who` says otherwise."""
    asked = {"worker_name": "second", "worker_token": "second", "now_at": desk.now, **who}
    return desk.call("io.acquire_lease", run_id=desk.run_id, worker_kind=kind, **asked)[0]


def twin(desk: Desk, kind: str = "gateway") -> Tick:
    """Another process of a worker, under the same name."""
    return replace(desk.ticks[kind], token="twin", epoch=None)


def lease(desk: Desk, kind: str = "gateway") -> dict[str, Any]:
    """The lease as it stands."""
    return desk.sql("select * from run.leases where worker_kind = %s", kind)[0]


def stale_calls(desk: Desk, epoch: int | None) -> dict[str, tuple[str, dict[str, Any]]]:
    """Every door of a leader, called with an epoch: its kind and its other arguments."""
    row = {"outbox_id": 1}
    calls: dict[str, tuple[str, dict[str, Any]]] = {
        "claim_outbox": ("gateway", {"worker_name": "g", "limit": 1}),
        "plan_flatten": ("gateway", {}),
        "begin_dispatch": ("gateway", {**row, "worker_name": "g"}),
        "get_permit": ("gateway", {**row, "attempt_no": 1}),
        "mark_sent": ("gateway", {**row, "broker_order_id": "b-1"}),
        "mark_failed": ("gateway", {**row, "reason": "x"}),
        "mark_ambiguous": ("gateway", {**row, "reason": "x"}),
        "mark_not_sent": (
            "gateway",
            {**row, "attempt_no": 1, "reason": "x", "not_before_at": None},
        ),
        "set_continuity": ("broker_events", {"continuity": "WHOLE", "reason": "x"}),
        "list_unresolved": ("gateway", {"worker_name": "g"}),
        "record_absence": ("gateway", {**row, "attempt_no": 1, "broker_orders": []}),
        "receive_messages": ("broker_events", {"messages": [], "cursor_text": None}),
        "submit_snapshot": ("snapshots", {"document": desk.broker.snapshot()}),
        "plan_intents": ("strategist", {"targets": {}}),
        "plan_stops": ("strategist", {}),
        "claim_anchor": ("anchor", {"file_end": None, "key_id": "k"}),
        "record_anchor": ("anchor", {"anchor": {}, "file_name": "f"}),
        "record_heartbeat": (
            "gateway",
            {"worker_kind": "gateway", "worker_name": "g", "has_deadman_file": None},
        ),
    }
    return {
        f"io.{name}": (kind, {"run_id": desk.run_id, "lease_epoch": epoch, **args})
        for name, (kind, args) in calls.items()
    }


def test_the_first_lease_is_epoch_one_and_lives_for_the_ttl(desk: Desk) -> None:
    row = acquire(desk)
    assert (row["is_leader"], row["lease_epoch"]) == (True, 1)
    assert row["holder"] == "second as postgres"
    assert row["expires_at"] == desk.now + TTL


def test_its_holder_renews_a_lease_in_the_same_epoch(desk: Desk) -> None:
    acquire(desk)
    desk.clock.move_to(desk.now + TTL - timedelta(microseconds=1))
    row = acquire(desk)
    assert (row["is_leader"], row["lease_epoch"]) == (True, 1)
    assert row["expires_at"] == desk.now + TTL


@pytest.mark.parametrize("other", ["worker_name", "worker_token"])
@pytest.mark.parametrize("late", [0, 1])
def test_a_lease_is_taken_over_at_its_expiry_and_not_before(
    desk: Desk, other: str, late: int
) -> None:
    until = acquire(desk)["expires_at"]
    desk.clock.move_to(until - timedelta(microseconds=1 - late))
    row = acquire(desk, **{other: "third"})
    assert (row["is_leader"], row["lease_epoch"]) == (bool(late), 1 + late)
    assert row["holder"] == ("third" if late and other == "worker_name" else "second") + (
        " as postgres"
    )


def test_a_living_lease_is_not_taken_over_by_the_same_name(desk: Desk) -> None:
    desk.ticks["gateway"].lead()
    with pytest.raises(StandBy, match="gateway@test as postgres leads until"):
        twin(desk).lead()


def test_a_living_lease_is_not_taken_over_by_another_login(desk: Desk, db: Any) -> None:
    acquire(desk)
    db.create_login("desk_gateway_2", "mqk_dispatch")
    with db.connect(user="desk_gateway_2") as other:
        row = other.execute(
            "select * from io.acquire_lease(%s, 'gateway', 'second', 'second', %s)",
            [desk.run_id, desk.now],
        ).fetchone()
    assert (row["is_leader"], row["holder"]) == (False, "second as postgres")


def test_an_expired_lease_gives_even_its_own_holder_the_next_epoch(desk: Desk) -> None:
    desk.clock.move_to(acquire(desk)["expires_at"])
    assert acquire(desk)["lease_epoch"] == 2


def test_a_released_lease_keeps_its_row_and_its_epoch(desk: Desk) -> None:
    tick = desk.ticks["gateway"]
    assert tick.lead() == 1
    tick.release()
    assert tick.epoch is None
    assert lease(desk)["lease_epoch"] == 1
    assert lease(desk)["expires_at"] == desk.now
    assert twin(desk).lead() == 2


def test_a_stale_worker_releases_nothing(desk: Desk) -> None:
    old = desk.ticks["gateway"]
    old.lead()
    desk.clock.move_to(desk.now + TTL)
    assert twin(desk).lead() == 2
    old.release()
    assert lease(desk)["expires_at"] == desk.now + TTL


def test_the_ttl_is_measured_by_the_runs_time(desk: Desk) -> None:
    until = acquire(desk)["expires_at"]
    desk.clock.move_to(until)
    desk.act("run_halt", run_id=desk.run_id, reason="an event at the new time")
    row = acquire(desk, worker_token="third", now_at=until - timedelta(days=1))
    assert (row["is_leader"], row["expires_at"]) == (True, until + TTL)


def test_the_same_process_serves_the_next_run_in_a_new_epoch(desk: Desk) -> None:
    from mqk.config.load import canonical

    first = acquire(desk)
    other = desk.act("run_create", config=canonical(desk.config), as_of_at=desk.now)["run_id"]
    who = {"worker_kind": "gateway", "worker_name": "second", "worker_token": "second"}
    row = desk.call("io.acquire_lease", run_id=other, **who, now_at=desk.now)[0]
    assert (row["is_leader"], row["lease_epoch"]) == (True, 2)
    with pytest.raises(MqkError, match="MQG08"):
        desk.value("run.assert_lease", run_id=desk.run_id, worker_kind="gateway",
                   lease_epoch=first["lease_epoch"], now_at=desk.now)  # fmt: skip
    with pytest.raises(MqkError, match="MQG08"):
        desk.value("run.assert_lease", run_id=desk.run_id, worker_kind="gateway",
                   lease_epoch=2, now_at=desk.now)  # fmt: skip


def test_each_kind_has_a_lease_of_its_own(desk: Desk) -> None:
    rows = [acquire(desk, kind, worker_token=kind) for kind in KINDS]
    assert [(r["is_leader"], r["lease_epoch"]) for r in rows] == [(True, 1)] * 4


def test_a_kind_that_does_not_act_has_no_lease(desk: Desk) -> None:
    with pytest.raises(MqkError, match="MQG09"):
        acquire(desk, "marketdata")


@pytest.mark.parametrize("missing", ["worker_name", "worker_token"])
def test_a_lease_names_its_holder(desk: Desk, missing: str) -> None:
    with pytest.raises(MqkError, match="23502"):
        acquire(desk, **{missing: None})
    with pytest.raises(MqkError, match="lease history names its holder"):
        acquire(desk, **{missing: ""})


@pytest.mark.parametrize(("kind", "group"), [(k, g) for k in KINDS for g in GROUPS.values()])
def test_a_login_leads_the_kind_of_its_group_and_no_other(
    desk: Desk, db: Any, kind: str, group: str
) -> None:
    login = f"desk_lease_{kind}_{group}"
    db.create_login(login, f"mqk_{group}")
    with db.connect(user=login) as conn:
        ask = "select is_leader from io.acquire_lease(%s, %s, 'w', 't', %s)"
        if GROUPS[kind] == group:
            row = conn.execute(ask, [desk.run_id, kind, desk.now]).fetchone()
            assert row["is_leader"]
        else:
            with pytest.raises(psycopg.Error) as no:
                conn.execute(ask, [desk.run_id, kind, desk.now])
            assert no.value.sqlstate == "MQG09"


@pytest.mark.parametrize("late", [0, 1])
@pytest.mark.parametrize("epoch", [0, 1, 2, 3])
def test_only_the_living_epoch_is_let_in(desk: Desk, late: int, epoch: int) -> None:
    desk.clock.move_to(acquire(desk)["expires_at"])
    acquire(desk, worker_token="third")
    now_at: datetime = desk.now + TTL - timedelta(microseconds=1 - late)
    ask = {"run_id": desk.run_id, "worker_kind": "gateway", "lease_epoch": epoch}
    if epoch == 2 and not late:
        assert desk.value("run.assert_lease", **ask, now_at=now_at) == desk.run_id
    else:
        with pytest.raises(MqkError, match="MQG08"):
            desk.value("run.assert_lease", **ask, now_at=now_at)


def test_the_epoch_of_another_login_is_not_let_in(desk: Desk, db: Any) -> None:
    epoch = acquire(desk)["lease_epoch"]
    db.create_login("desk_gateway_3", "mqk_dispatch")
    ask = "select io.claim_outbox(%s, %s, 'g', 1, %s)"
    with db.connect(user="desk_gateway_3") as other, pytest.raises(psycopg.Error) as no:
        other.execute(ask, [desk.run_id, epoch, desk.now])
    assert no.value.sqlstate == "MQG08"


@pytest.mark.parametrize("door", [
    "mark_not_sent", "set_continuity",
    "claim_outbox", "begin_dispatch", "get_permit", "mark_sent", "mark_failed", "mark_ambiguous",
    "list_unresolved", "record_absence", "receive_messages", "submit_snapshot", "plan_intents",
    "plan_stops", "record_heartbeat"])  # fmt: skip
def test_every_door_of_a_leader_refuses_a_stale_epoch(running: Desk, door: str) -> None:
    desk = running
    kind, args = stale_calls(desk, None)[f"io.{door}"]
    epoch = desk.ticks[kind].lead()
    desk.sql("update run.leases set renewed_at = renewed_at - interval '1 s', expires_at = %s"
             " where worker_kind = %s", desk.now, kind)  # fmt: skip
    assert twin(desk, kind).lead() == epoch + 1
    before = desk.one("select count(*) from audit.events")
    for stale in (None, epoch):
        with pytest.raises(MqkError) as no:
            desk.call(f"io.{door}", **{**args, "lease_epoch": stale}, now_at=desk.now)
        assert no.value.code == "MQG08"
    assert desk.one("select count(*) from audit.events") == before


def test_every_door_that_asks_for_an_epoch_is_tried_here(desk: Desk) -> None:
    rows = desk.sql(
        "select oid::regproc::text as name from pg_proc where pronamespace = 'io'::regnamespace"
        " and 'p_lease_epoch' = any(proargnames) and proname <> 'release_lease'"
    )
    assert {r["name"] for r in rows} == set(stale_calls(desk, 1))


def test_two_that_race_for_the_first_lease_find_one_leader(desk: Desk, db: Any) -> None:
    ask = "select is_leader, lease_epoch from io.acquire_lease(%s, 'gateway', 'w', %s, %s)"
    for late in range(10):
        both = Barrier(4)
        now_at = desk.now + TTL * late

        def race(token: str, both: Barrier = both, now_at: datetime = now_at) -> Any:
            with db.connect() as conn:
                both.wait(20)
                return conn.execute(ask, [desk.run_id, token, now_at]).fetchone()

        with ThreadPoolExecutor(4) as pool:
            rows = list(pool.map(race, [f"{late} {n}" for n in range(4)]))
        assert sum(row["is_leader"] for row in rows) == 1
        assert {row["lease_epoch"] for row in rows} == {late + 1}


def test_a_takeover_waits_for_the_call_that_was_let_in(desk: Desk, db: Any) -> None:
    until = acquire(desk)["expires_at"]
    with db.connect(options="-c lock_timeout=200ms") as other:
        with desk.conn.transaction():
            desk.value("run.assert_lease", run_id=desk.run_id, worker_kind="gateway",
                       lease_epoch=1, now_at=desk.now)  # fmt: skip
            with pytest.raises(psycopg.errors.LockNotAvailable):
                other.execute("select io.acquire_lease(%s, 'gateway', 'w', 't', %s)",
                              [desk.run_id, until])  # fmt: skip
        other.execute("select io.acquire_lease(%s, 'gateway', 'w', 't', %s)", [desk.run_id, until])
    assert lease(desk)["lease_epoch"] == 2


@pytest.mark.parametrize("late", [0, 1])
def test_a_dispatch_renews_a_lease_that_has_lived_half_its_time(running: Desk, late: int) -> None:
    desk = running
    desk.close(2, ticks=("marketdata", "broker_events", "snapshots", "strategist"), AAA=110, BBB=50)
    gateway = desk.ticks["gateway"]
    gateway.lead()
    began = desk.now
    desk.call("io.claim_outbox", **gateway.lease, worker_name="g", limit=1, now_at=desk.now)
    desk.clock.move_to(began + TTL / 2 - timedelta(microseconds=1 - late))
    desk.call("io.begin_dispatch", **gateway.lease, outbox_id=1, worker_name="g", now_at=desk.now)
    assert lease(desk)["expires_at"] == (desk.now if late else began) + TTL
    assert lease(desk)["lease_epoch"] == gateway.epoch


def test_a_batch_that_outlives_its_lease_is_sent_whole(db: Any, monkeypatch: Any) -> None:
    desk = Desk(db.url, strategy=GIVEN, runtime={"lease_seconds": 4})
    desk.start()
    desk.plan(2, AAA=5, BBB=5)
    submit = desk.broker.submit

    def submit_slowly(permit: Any) -> str:
        desk.clock.move_to(desk.now + timedelta(seconds=3))
        return submit(permit)

    monkeypatch.setattr(desk.broker, "submit", submit_slowly)
    desk.tick("gateway")
    assert desk.one("select array_agg(outbox_status) from oms.outbox") == ["SENT", "SENT"]
    assert lease(desk)["lease_epoch"] == desk.ticks["gateway"].epoch
    desk.conn.close()


def test_a_permit_is_not_given_under_another_lease(running: Desk) -> None:
    desk = running
    desk.close(2, ticks=("marketdata", "broker_events", "snapshots", "strategist"), AAA=110, BBB=50)
    old = desk.ticks["gateway"]
    old.lead()
    desk.call("io.claim_outbox", **old.lease, worker_name="g", limit=1, now_at=desk.now)
    desk.call("io.begin_dispatch", **old.lease, outbox_id=1, worker_name="g", now_at=desk.now)
    assert desk.one("select lease_epoch from oms.attempts") == old.epoch
    old_lease = old.lease
    old.release()
    new = twin(desk)
    new.lead()
    for ticket in (old_lease, new.lease):
        with pytest.raises(MqkError, match=r"MQG08|begun under another lease"):
            desk.call("io.get_permit", **ticket, outbox_id=1, attempt_no=1, now_at=desk.now)
    assert desk.one("select count(*) from oms.permits") == 0


@pytest.mark.parametrize(
    ("forgery", "wall"),
    [
        ("update run.leases set lease_epoch = lease_epoch - 1", "history is not rewritten"),
        ("update run.leases set lease_epoch = lease_epoch + 2", "history is not rewritten"),
        ("update run.leases set account_id = 'OTHER'", "history is not rewritten"),
        ("update run.leases set lease_epoch = lease_epoch + 1", "epoch_of_their_history"),
        ("delete from run.leases", "history is not rewritten"),
        ("truncate run.leases", "history is not rewritten"),
        ("update run.lease_history set actor = 'x'", "history is not rewritten"),
        ("delete from run.lease_history", "history is not rewritten"),
    ],
)
def test_a_lease_cannot_be_forged(desk: Desk, forgery: str, wall: str) -> None:
    acquire(desk)
    desk.clock.move_to(desk.now + TTL)
    acquire(desk)
    with pytest.raises(psycopg.Error, match=wall):
        desk.sql(forgery)


@pytest.mark.parametrize(
    ("epoch", "ends", "wall"),
    [
        (1, "0 s", "lease_history_begins_with_one"),
        (2, "0 s", "lease_history_pkey"),
        (3, "1 us", "lease_history_has_one_holder_at_a_time"),
        (4, "0 s", "lease_history_follows_itself"),
        (0, "0 s", "lease_history_begins_with_one"),
    ],
)
def test_an_epoch_is_neither_used_twice_nor_left_out(
    desk: Desk, epoch: int, ends: str, wall: str
) -> None:
    acquire(desk)
    desk.clock.move_to(desk.now + TTL)
    acquire(desk)
    with pytest.raises(psycopg.Error) as no:
        desk.sql(
            "insert into run.lease_history (engine_id, account_id, worker_kind, lease_epoch, run_id,"
            " worker_name, worker_token, actor, prior_ends_at, taken_at) select engine_id,"
            " account_id, worker_kind, %s, run_id, 'x', 'x', 'x', taken_at + %s::interval, taken_at"
            " from run.lease_history where lease_epoch = 2",
            epoch,
            ends,
        )
    assert no.value.diag.constraint_name == wall


def test_why_says_who_leads_each_kind_or_that_nobody_does(running: Desk) -> None:
    ask = {"run_id": running.run_id}
    rows = running.call("api.why_all", **ask, now_at=running.now)
    said = {r["gate"].removeprefix("leader "): r for r in rows if r["gate"].startswith("leader ")}
    assert set(said) == set(KINDS)
    assert said["snapshots"]["is_open"]
    assert said["snapshots"]["reason"].startswith("snapshots@test as postgres, epoch 1, until")
    assert not said["strategist"]["is_open"]
    assert said["strategist"]["reason"] == "nobody yet"
    late = running.call("api.why_all", **ask, now_at=running.now + TTL)
    assert [r["is_open"] for r in late if r["gate"] == "leader snapshots"] == [False]
