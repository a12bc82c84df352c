"""Laws of arming: what must be so, what is kept as proof, and what ends it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from kit import LIVE, Desk
from mqk.errors import MqkError
from promotion_kit import promote_by_force
from support import ROOT, Database

PASSED = [{"check_name": "said so", "is_ok": True}]
OTHER = "0" * 64


def words(desk: Desk) -> str:
    """The words that arm."""
    return str(desk.value("api.run_arm_words", run_id=desk.run_id))


def failed(desk: Desk) -> dict[str, str]:
    """The preflight checks that do not pass, with what they saw."""
    checks = desk.call("api.run_preflight", run_id=desk.run_id, now_at=desk.now)
    return {c["check_name"]: c["detail"] for c in checks if not c["is_ok"]}


def get_ready(desk: Desk) -> None:
    """Everything that arming asks for."""
    for n in (0, 1):
        desk.add_bars(desk.days[n], **desk.prices)
    desk.close(1, ticks=("marketdata", "broker_events", "snapshots"))
    desk.show_workers()
    assert failed(desk) == {}


def behind_the_doors(desk: Desk, query: str, *params: Any) -> None:
    """A change that no trigger and no foreign key sees."""
    with desk.conn.transaction():
        desk.sql("set local session_replication_role = replica")
        desk.sql(query, *params)


def test_every_arming_keeps_its_proof(running: Desk) -> None:
    proof = running.sql("select * from run.armings")[0]
    assert proof["words"] == words(running)
    assert proof["armed_by"] == "postgres"
    assert {c["is_ok"] for c in proof["checks"]} == {True}
    assert "reconcile_can_be_recomputed" in {c["check_name"] for c in proof["checks"]}
    assert proof["fingerprint"] == running.value("core.compute_fingerprint")
    told = running.one("select payload from audit.events where event_name = 'ARMING_PROVEN'")
    assert told["checks"] == proof["checks"]


def test_no_run_is_armed_without_a_proof(desk: Desk) -> None:
    get_ready(desk)
    with pytest.raises(MqkError) as no:
        desk.call(
            "run.move_run", run_id=desk.run_id, to_status="ARMED", reason="x", now_at=desk.now
        )
    assert "run_history_arms_with_a_proof" in str(no.value)
    assert desk.status == "CREATED"


@pytest.mark.parametrize(
    "checks", [[], [{"is_ok": False}], [{"is_ok": None}], [{}], [*PASSED, {"is_ok": "true"}]]
)
def test_a_proof_of_checks_that_did_not_pass_cannot_be_kept(desk: Desk, checks: list[Any]) -> None:
    get_ready(desk)
    with pytest.raises(psycopg.Error) as no:
        desk.sql("select run.arm_run(%s, 'x', %s, %s)", desk.run_id, Jsonb(checks), desk.now)
    assert no.value.diag.constraint_name == "armings_passed_all_that_was_checked"


def live_desk(db: Any) -> tuple[Desk, Any]:
    """A LIVE run whose gates somebody opened by force, and the server's time."""
    desk = Desk(db.url, **LIVE)
    promote_by_force(desk)
    now = desk.one("select clock_timestamp()")
    for gate in ("INTEGRITY", "RECON", "RISK"):
        desk.sql(
            "select run.set_gate(%s, %s, true, 'said so', '{}', %s::timestamptz + '1 hour', %s)",
            desk.run_id, gate, now, now,
        )  # fmt: skip
    return desk, now


def approve(desk: Desk, who: str, said: str, at: Any) -> None:
    """Another login's approval, as if it had been given at that time."""
    desk.sql("insert into run.approvals values (%s, %s, %s, %s)", desk.run_id, who, said, at)


def force(desk: Desk, now: Any) -> str | None:
    """Arm behind the preflight; give the code of the refusal."""
    try:
        desk.sql("select run.arm_run(%s, %s, %s, %s)", desk.run_id, words(desk), Jsonb(PASSED), now)
    except psycopg.Error as no:
        return str(no.diag.constraint_name or no.sqlstate)
    return None


@pytest.mark.parametrize(("seconds", "refusal"), [(900, None), (901, "MQG04"), (-1, "MQG04")])
def test_an_approval_counts_for_a_quarter_of_an_hour(
    db: Any, seconds: int, refusal: str | None
) -> None:
    desk, now = live_desk(db)
    desk.ticks["gateway"].clock = lambda: now
    desk.ticks["gateway"].register()
    now = desk.one("select max(last_at) from audit.chains")
    approve(desk, "another", words(desk), now - timedelta(seconds=seconds))
    assert force(desk, now) == refusal


def test_an_approval_of_other_words_or_ones_own_does_not_count(db: Any) -> None:
    desk, now = live_desk(db)
    approve(desk, "another", "ARM LIVE 0001 0.9", now)
    approve(desk, "postgres", words(desk), now)
    assert force(desk, now) == "MQG04"


def test_an_approval_arms_once(db: Any) -> None:
    desk, now = live_desk(db)
    desk.ticks["gateway"].clock = lambda: now
    desk.ticks["gateway"].register()
    now = desk.one("select max(last_at) from audit.chains")
    approve(desk, "another", words(desk), now)
    assert force(desk, now) is None
    desk.sql("select run.stop_run(%s, 'x', %s)", desk.run_id, now)
    assert force(desk, now) == "MQG04"
    with pytest.raises(psycopg.Error) as no:
        desk.sql(
            "insert into run.armings (run_id, history_seq, mode, config_hash, artifact_id, terms_hash,"
            " words, checks, armed_by, approved_by, approved_at, build, fingerprint, schema_mark,"
            " boot_at, armed_at)"
            " select run_id, 1, mode, config_hash, artifact_id, terms_hash, words, checks, armed_by,"
            " approved_by, approved_at, build, fingerprint, schema_mark, boot_at, armed_at"
            " from run.armings"
        )
    assert no.value.diag.constraint_name == "armings_use_an_approval_once"


def test_an_approval_does_not_outlive_a_halt(db: Any) -> None:
    desk, now = live_desk(db)
    desk.ticks["gateway"].clock = lambda: now
    desk.ticks["gateway"].register()
    now = desk.one("select max(last_at) from audit.chains")
    approve(desk, "another", words(desk), now)
    later = now + timedelta(milliseconds=1)
    desk.sql("select run.halt_run(%s, 'MANUAL', 'x', '{}', %s)", desk.run_id, later)
    desk.sql("select run.clear_halted(%s, 'x', %s)", desk.run_id, later)
    assert force(desk, later) == "MQG04"
    approve(desk, "another", words(desk), later)  # at the moment of the last move: it was seen
    assert force(desk, later) is None


def test_a_live_arming_without_a_second_person_cannot_be_kept(db: Any) -> None:
    desk, now = live_desk(db)
    for who in (None, "postgres"):
        if who:
            approve(desk, who, "x", now)
        with pytest.raises(psycopg.Error) as no:
            desk.sql(
                "insert into run.armings (run_id, history_seq, mode, config_hash, words, checks,"
                " armed_by, approved_by, approved_at, build, fingerprint, schema_mark, boot_at,"
                " armed_at) select run_id, 1, mode, config_hash, 'x', %s, 'postgres', %s, %s, %s,"
                " 'f', '0:0', %s, %s"
                " from run.runs",
                Jsonb(PASSED), who, now if who else None, OTHER, now, now,
            )  # fmt: skip
        assert no.value.diag.constraint_name == "armings_of_live_runs_have_a_second_person"


def test_a_message_in_quarantine_keeps_a_run_from_arming_until_a_person_looked(desk: Desk) -> None:
    get_ready(desk)
    stray = {"message_id": "m1", "event": "fill", "client_order_id": "TEST_nobody", "at": "x"}
    desk.receive(stray)
    assert "nothing_is_quarantined" in failed(desk)
    desk.act("run_halt", run_id=desk.run_id, reason="look at it")
    assert "nothing_is_quarantined" in failed(desk)
    desk.clock.move_to(desk.now + timedelta(seconds=1))
    desk.act("run_clear_halted", run_id=desk.run_id, reason="it was nobody's")
    assert "nothing_is_quarantined" not in failed(desk)


@pytest.mark.parametrize(
    ("check", "forgery"),
    [
        (
            "reconcile_can_be_recomputed",
            "update recon.comparisons set order_drifts = 0, books = '{}'",
        ),
        ("config_is_what_was_hashed", "update run.configs set canonical_json = '{}'"),
        ("config_obeys_every_rule", "update run.configs set canonical_json = '{}'"),
        ("limits_are_those_of_the_config", "update risk.limits set max_drawdown_micros = 99"),
        ("limits_are_those_of_the_config", "delete from risk.limits"),
        (
            "gate_continuity",
            "update run.gates set expires_at = observed_at where gate = 'CONTINUITY'",
        ),
        ("strategy_is_enabled", "update strat.strategies set is_enabled = false"),
        ("calendar_is_loaded", "delete from ref.sessions where session_on > '2024-01-03'"),
        ("bars_are_there", "delete from md.bars where session_on > '2024-01-02'"),
        ("workers_are_alive", "delete from run.leases where worker_kind = 'snapshots'"),
        ("workers_run_one_build", "delete from run.workers where worker_kind = 'snapshots'"),
        (
            "workers_run_one_build",
            f"update run.workers set build = '{OTHER}' where worker_kind = 'broker_events'",
        ),
    ],
)
def test_what_was_changed_behind_the_doors_is_not_armed(
    desk: Desk, check: str, forgery: str
) -> None:
    get_ready(desk)
    behind_the_doors(desk, forgery)
    assert check in failed(desk)
    row = desk.act("run_arm", run_id=desk.run_id, confirm=words(desk) or "")
    assert (row["outcome"], desk.status) == ("REFUSED", "CREATED")
    desk.broken_promises = lambda: []  # type: ignore[method-assign]  # they were broken on purpose


@pytest.mark.parametrize(("later", "is_alive"), [(29, True), (30, False)])
def test_a_worker_that_is_silent_for_the_deadman_ttl_is_dead(
    db: Any, later: int, is_alive: bool
) -> None:
    desk = Desk(db.url, runtime={"deadman_ttl_seconds": 30})
    get_ready(desk)
    desk.clock.move_to(desk.now + timedelta(seconds=later))
    assert ("workers_are_alive" not in failed(desk)) is is_alive


def test_an_armed_desk_lets_no_other_program_in(running: Desk) -> None:
    worker = {
        "run_id": running.run_id,
        "worker_kind": "gateway",
        "worker_name": "old",
        "secret_names": [],
        "now_at": running.now,
    }
    with pytest.raises(MqkError, match="MQG11"):
        running.call("io.register_worker", **worker, build=OTHER)
    running.act("run_stop", run_id=running.run_id, reason="an upgrade")
    running.call("io.register_worker", **worker, build=OTHER)
    assert "workers_run_one_build" in failed(running)


def test_a_secret_is_told_by_name_never_by_value(desk: Desk) -> None:
    worker = {"run_id": desk.run_id, "worker_kind": "gateway", "worker_name": "w", "build": OTHER}
    with pytest.raises(MqkError, match="workers_name_secrets_and_never_tell_them"):
        desk.call("io.register_worker", **worker, secret_names=["pk3f9"], now_at=desk.now)
    desk.call("io.register_worker", **worker, secret_names=["A_KEY", "B_KEY"], now_at=desk.now)
    assert desk.one("select secret_names from run.workers") == ["A_KEY", "B_KEY"]


def boot(desk: Desk) -> None:
    """Make all that was seen belong to an earlier start of the server."""
    behind_the_doors(desk, "update run.armings set boot_at = boot_at - interval '1 day'")
    behind_the_doors(desk, "update run.gates set boot_at = boot_at - interval '1 day'")


def test_a_start_of_the_server_disarms_a_running_run(given_desk: Desk) -> None:
    given_desk.plan(2, AAA=5)
    boot(given_desk)
    given_desk.tick("gateway")
    assert given_desk.status == "HALTED"
    why = given_desk.one("select reason from run.run_history order by history_seq desc limit 1")
    assert "the server was started at" in why
    assert given_desk.one("select count(*) from oms.attempts") == 0


def test_the_deadman_finds_a_run_that_a_start_of_the_server_left_behind(running: Desk) -> None:
    boot(running)
    running.call("io.expire_deadmen", now_at=running.now)
    assert running.status == "HALTED"


def test_what_was_armed_before_a_start_of_the_server_is_not_begun(desk: Desk) -> None:
    get_ready(desk)
    assert desk.act("run_arm", run_id=desk.run_id, confirm=words(desk))["outcome"] == "DONE"
    boot(desk)
    assert desk.act("run_begin", run_id=desk.run_id)["error_code"] == "MQG10"
    desk.act("run_stop", run_id=desk.run_id, reason="the server was started")
    desk.clock.move_to(desk.now + timedelta(seconds=1))
    desk.tick("marketdata", "broker_events", "snapshots")
    assert desk.act("run_arm", run_id=desk.run_id, confirm=words(desk))["outcome"] == "DONE"
    assert desk.act("run_begin", run_id=desk.run_id)["outcome"] == "DONE"


@pytest.mark.parametrize(("seconds", "code"), [(900, None), (901, "MQG14")])
def test_a_run_begins_within_a_quarter_of_an_hour_of_its_arming(
    desk: Desk, seconds: int, code: str | None
) -> None:
    get_ready(desk)
    assert desk.act("run_arm", run_id=desk.run_id, confirm=words(desk))["outcome"] == "DONE"
    desk.clock.move_to(desk.one("select armed_at from run.armings") + timedelta(seconds=seconds))
    assert desk.act("run_begin", run_id=desk.run_id)["error_code"] == code


def test_a_run_begins_on_the_schema_that_it_was_armed_on(desk: Desk) -> None:
    get_ready(desk)
    assert desk.act("run_arm", run_id=desk.run_id, confirm=words(desk))["outcome"] == "DONE"
    desk.sql("alter table run.armings disable trigger _900_refuse_change")
    assert desk.act("run_begin", run_id=desk.run_id)["error_code"] == "MQG12"
    desk.sql("alter table run.armings enable trigger _900_refuse_change")
    assert desk.act("run_begin", run_id=desk.run_id)["outcome"] == "DONE"


CHANGES = pytest.mark.parametrize(
    "change",
    [
        "drop trigger _900_refuse_change on run.armings",
        "alter table oms.orders disable trigger all",
        "alter table run.armings drop constraint armings_passed_all_that_was_checked",
        "alter table run.armings alter column words drop not null",
        "drop index run.one_live_run_per_engine",
        "grant execute on function io.plan_stops(uuid, bigint, timestamptz) to mqk_readonly",
        "grant select on run.runs to mqk_readonly",
        "alter function run.halt_run(uuid, text, text, jsonb, timestamptz) set work_mem = '1MB'",
        "create or replace view inv.one_leader_at_a_time as"
        " select null::uuid run_id, ''::text what where false",
        "alter table run.runs disable row level security",
        "alter table run.runs alter column mode set default 'LIVE'",
        "create policy open on run.runs using (true)",
    ],
)


@CHANGES
def test_a_guard_that_somebody_took_off_changes_the_fingerprint(desk: Desk, change: str) -> None:
    before = desk.value("core.compute_fingerprint")
    with desk.conn.transaction(force_rollback=True):
        desk.sql(change)
        assert desk.value("core.compute_fingerprint") != before
    assert desk.value("core.compute_fingerprint") == before


@CHANGES
def test_no_order_leaves_once_the_schema_is_another(given_desk: Desk, change: str) -> None:
    """Knight Capital, 2012: what runs must be what was armed, at every order."""
    given_desk.plan(2, AAA=10)
    given_desk.sql(change)
    given_desk.tick("gateway")
    assert given_desk.status == "HALTED"
    trip = given_desk.sql("select trip_kind, reason from run.trips")[0]
    assert trip["trip_kind"] == "SCHEMA"
    assert trip["reason"].startswith("the schema is not the one that the run was armed on")
    given_desk.tick("gateway")
    assert [row["request_kind"] for row in given_desk.sql("select * from oms.outbox")] == ["SUBMIT"]
    assert given_desk.one("select count(*) from risk.flattens") == 0
    assert given_desk.one("select count(*) from oms.attempts") == 0


def test_orders_leave_after_a_change_that_was_taken_back(given_desk: Desk) -> None:
    mark = given_desk.one("select schema_mark from run.armings")
    given_desk.plan(2, AAA=10)
    given_desk.sql("alter table run.armings disable trigger _900_refuse_change")
    given_desk.sql("alter table run.armings enable trigger _900_refuse_change")
    assert given_desk.value("core.get_schema_mark") != mark
    given_desk.tick("gateway")
    assert given_desk.one("select count(*) from oms.attempts") == 1


def test_a_cancel_of_a_stopped_run_leaves_after_an_upgrade(given_desk: Desk) -> None:
    name = given_desk.plan(2, AAA=10)[0]["client_order_id"]
    given_desk.tick("gateway", "broker_events")
    given_desk.act("run_stop", run_id=given_desk.run_id, reason="an upgrade")
    given_desk.sql("alter function run.list_gates() set work_mem = '1MB'")
    given_desk.act("orders_cancel", client_order_id=name, reason="not over night")
    given_desk.tick("gateway", "broker_events")
    assert given_desk.one("select order_status from oms.orders") == "CANCELED"
    assert given_desk.status == "STOPPED"
    assert given_desk.one("select count(*) from run.trips") == 0


def test_the_mark_of_the_catalog_stays_while_the_desk_works(given_desk: Desk) -> None:
    mark = given_desk.one("select schema_mark from run.armings")
    given_desk.plan(2, AAA=10)
    given_desk.tick("gateway", "broker_events")
    given_desk.sql("analyze oms.orders")
    assert given_desk.value("core.get_schema_mark") == mark


@pytest.mark.parametrize(
    "setting",
    ["timezone = 'Asia/Kathmandu'", "datestyle = 'German'", "intervalstyle = 'iso_8601'",
     "bytea_output = 'escape'", "quote_all_identifiers = on", "search_path = oms, run",
     "extra_float_digits = -15"],
)  # fmt: skip
def test_the_fingerprint_is_the_same_in_every_session(desk: Desk, setting: str) -> None:
    before = desk.value("core.compute_fingerprint")
    desk.sql(f"set {setting}")
    assert desk.value("core.compute_fingerprint") == before


@pytest.mark.parametrize("kind", ["deploy", "revert"])
@pytest.mark.parametrize("room", ["core", "oms", "api"])
def test_code_is_not_changed_under_a_run_that_is_armed(running: Desk, kind: str, room: str) -> None:
    script = (ROOT / kind / room / "code.sql").read_bytes()
    with pytest.raises(psycopg.Error, match="code is not changed under a run") as no:
        running.conn.execute(script)
    running.conn.rollback()
    assert no.value.sqlstate == "MQS19"
    running.act("run_stop", run_id=running.run_id, reason="an upgrade")
    if kind == "deploy":
        before = running.value("core.compute_fingerprint")
        running.conn.execute(script)
        assert running.value("core.compute_fingerprint") == before


def test_nobody_arms_while_code_is_changed(desk: Desk, db: Database) -> None:
    get_ready(desk)
    with db.connect() as other:
        other.execute((ROOT / "deploy/oms/code.sql").read_bytes().replace(b"\ncommit;", b""))
        desk.sql("set lock_timeout = '200ms'")
        with pytest.raises(MqkError, match="55P03"):
            desk.act("run_arm", run_id=desk.run_id, confirm=words(desk))
        other.execute("rollback")
    assert desk.act("run_arm", run_id=desk.run_id, confirm=words(desk))["outcome"] == "DONE"
