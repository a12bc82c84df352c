"""Laws of the run's life: created, armed, running, stopped, halted."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from kit import LIVE, Desk
from mqk.errors import MqkError


def refused(row: dict[str, Any]) -> str:
    """The code of a refusal."""
    assert row["outcome"] == "REFUSED", row
    return str(row["error_code"])


def test_a_run_id_is_derived_from_what_the_run_is(desk: Desk) -> None:
    again = desk.one(
        "select core.derive_id('run', array['TEST', 'PAPER', config_hash, core.format_iso(as_of_at),"
        " run_seq::text]) from run.runs"
    )
    assert again == desk.run_id


def test_the_same_config_gives_another_run_by_the_engines_sequence(desk: Desk) -> None:
    from mqk.config.load import canonical

    other = desk.act("run_create", config=canonical(desk.config), as_of_at=desk.now)
    assert other["outcome"] == "DONE"
    assert other["run_id"] != desk.run_id
    assert desk.one("select max(run_seq) from run.runs") == 2


@pytest.mark.parametrize(
    ("command", "args"),
    [("run_begin", {}), ("run_stop", {"reason": "x"}), ("run_clear_halted", {"reason": "x"})],
)
def test_a_created_run_can_neither_begin_nor_stop_nor_be_cleared(
    desk: Desk, command: str, args: dict[str, str]
) -> None:
    assert refused(desk.act(command, run_id=desk.run_id, **args)) == "MQS01"
    assert desk.status == "CREATED"


def test_a_run_goes_created_armed_running_stopped_and_round_again(desk: Desk) -> None:
    desk.start()
    assert desk.act("run_stop", run_id=desk.run_id, reason="lunch")["run_status"] == "STOPPED"
    words = desk.value("api.run_arm_words", run_id=desk.run_id)
    assert desk.act("run_arm", run_id=desk.run_id, confirm=words)["run_status"] == "ARMED"
    moves = desk.sql("select from_status, to_status from run.run_history order by history_seq")
    assert [m["to_status"] for m in moves] == ["CREATED", "ARMED", "RUNNING", "STOPPED", "ARMED"]


def test_arming_needs_the_exact_words(desk: Desk) -> None:
    for n in (0, 1):
        desk.close(n, ticks=("marketdata", "snapshots"), AAA=100, BBB=50)
    desk.show_workers()
    words = desk.value("api.run_arm_words", run_id=desk.run_id)
    assert words == "ARM PAPER 0001 0.5"
    for wrong in (words.lower(), words + " ", "", "ARM PAPER 0001 0.6"):
        assert refused(desk.act("run_arm", run_id=desk.run_id, confirm=wrong)) == "MQA11"
    assert desk.act("run_arm", run_id=desk.run_id, confirm=words)["outcome"] == "DONE"


def test_arming_without_a_clean_reconcile_is_refused(desk: Desk) -> None:
    for n in (0, 1):
        desk.close(n, ticks=("marketdata",), AAA=100, BBB=50)
    words = desk.value("api.run_arm_words", run_id=desk.run_id)
    row = desk.act("run_arm", run_id=desk.run_id, confirm=words)
    assert refused(row) == "MQG03"
    assert "gate_recon: never observed" in row["detail"]


def test_a_forged_diary_entry_that_says_clean_arms_nothing(desk: Desk) -> None:
    for n in (0, 1):
        desk.close(n, ticks=("marketdata",), AAA=100, BBB=50)
    desk.value(
        "audit.append_event",
        chain_id=desk.run_id,
        topic="RECON",
        event_name="COMPARED_CLEAN",
        payload={"snapshot_seq": 1},
        now_at=desk.now,
    )
    words = desk.value("api.run_arm_words", run_id=desk.run_id)
    assert refused(desk.act("run_arm", run_id=desk.run_id, confirm=words)) == "MQG03"


def test_an_expired_reconcile_does_not_arm(desk: Desk) -> None:
    for n in (0, 1):
        desk.close(n, ticks=("marketdata", "snapshots"), AAA=100, BBB=50)
    words = desk.value("api.run_arm_words", run_id=desk.run_id)
    expires_at = desk.one("select expires_at from run.gates where gate = 'RECON'")
    desk.clock.move_to(expires_at)
    row = desk.act("run_arm", run_id=desk.run_id, confirm=words)
    assert refused(row) == "MQG03"
    assert "gate_recon: no proof since" in row["detail"]


def test_one_account_is_traded_by_one_run(desk: Desk) -> None:
    from mqk.config.load import canonical

    desk.start()
    other = desk.act("run_create", config=canonical(desk.config), as_of_at=desk.now)["run_id"]
    checks = desk.call("api.run_preflight", run_id=other, now_at=desk.now)
    assert "account_is_free" in [c["check_name"] for c in checks if not c["is_ok"]]
    with pytest.raises(MqkError, match="MQS04"):
        desk.call("run.move_run", run_id=other, to_status="ARMED", reason="x", now_at=desk.now)


def test_a_halt_works_from_everywhere_and_is_sticky(desk: Desk) -> None:
    assert desk.act("run_halt", run_id=desk.run_id, reason="fire")["run_status"] == "HALTED"
    assert desk.act("run_halt", run_id=desk.run_id, reason="again")["run_status"] == "HALTED"
    words = desk.value("api.run_arm_words", run_id=desk.run_id)
    assert refused(desk.act("run_arm", run_id=desk.run_id, confirm=words)) == "MQG03"
    assert refused(desk.act("run_begin", run_id=desk.run_id)) == "MQS01"
    assert desk.status == "HALTED"


def test_a_cleared_halt_leaves_the_run_disarmed(desk: Desk) -> None:
    desk.start()
    desk.act("run_halt", run_id=desk.run_id, reason="fire")
    assert refused(desk.act("run_clear_halted", run_id=desk.run_id, reason="")) == "MQA12"
    row = desk.act("run_clear_halted", run_id=desk.run_id, reason="it was toast")
    assert row["run_status"] == "STOPPED"


def test_every_action_is_remembered_refused_ones_too(desk: Desk) -> None:
    desk.act("run_begin", run_id=desk.run_id)
    desk.act("run_halt", run_id=desk.run_id, reason="fire")
    kept = desk.call("api.audit_actions", limit=10)
    assert [(k["action"], k["outcome"], k["error_code"]) for k in kept] == [
        ("HALT", "DONE", None),
        ("BEGIN", "REFUSED", "MQS01"),
        ("CREATE", "DONE", None),
    ]
    chain = desk.sql("select event_name from audit.events where chain_id = %s", desk.run_id)
    assert "ACTION_REFUSED" in [e["event_name"] for e in chain]


def test_an_unknown_run_is_refused_by_name(desk: Desk) -> None:
    nobody = "00000000-0000-0000-0000-000000000000"
    assert refused(desk.act("run_halt", run_id=nobody, reason="x")) == "MQN02"
    with pytest.raises(MqkError, match="MQN02"):
        desk.call("api.run_preflight", run_id=nobody, now_at=desk.now)


def test_a_run_with_the_servers_clock_refuses_a_far_time(db: Any) -> None:
    desk = Desk(db.url, runtime={"clock": "SERVER"})
    assert refused(desk.act("run_stop", run_id=desk.run_id, reason="x")) == "MQA03"
    assert desk.act("run_halt", run_id=desk.run_id, reason="x")["outcome"] == "DONE"


def test_the_terms_of_a_run_never_change(desk: Desk) -> None:
    for change in ("mode = 'LIVE'", "account_id = 'OTHER'", "initial_cash_micros = 1"):
        with pytest.raises(Exception, match="history is not rewritten"):
            desk.sql(f"update run.runs set {change}")


def test_a_live_run_needs_a_second_persons_approval(db: Any) -> None:
    desk = Desk(db.url, **LIVE)
    now = desk.one("select clock_timestamp()")
    checks = desk.call("api.run_preflight", run_id=desk.run_id, now_at=now)
    failed = [c["check_name"] for c in checks if not c["is_ok"]]
    assert "approved_by_a_second_person" in failed
    db.create_login("desk_approver_test", "mqk_approver")
    with db.connect(user="desk_approver_test") as approver:
        approve = "select outcome, error_code from api.run_approve(%s, %s, %s)"
        words = desk.value("api.run_arm_words", run_id=desk.run_id)
        wrong = approver.execute(approve, [desk.run_id, words.lower(), now]).fetchone()
        assert wrong == {"outcome": "REFUSED", "error_code": "MQA11"}
        row = approver.execute(approve, [desk.run_id, words, now]).fetchone()
        assert row == {"outcome": "DONE", "error_code": None}
    checks = desk.call("api.run_preflight", run_id=desk.run_id, now_at=now)
    assert "approved_by_a_second_person" not in [c["check_name"] for c in checks if not c["is_ok"]]


def create_live(desk: Desk, engine_id: str, account_id: str) -> dict[str, Any]:
    """Create a LIVE run of an engine on an account."""
    from mqk.config.load import canonical, merge

    own = {"engine": {"engine_id": engine_id}, "broker": {"account_id": account_id}}
    live = merge(merge(desk.config, LIVE), own)
    return desk.act("run_create", config=canonical(live), as_of_at=desk.now)


def test_an_engine_trades_one_account_live_and_the_account_no_other_engine(desk: Desk) -> None:
    assert create_live(desk, "MAIN", "REAL-0001")["outcome"] == "DONE"
    assert create_live(desk, "MAIN", "REAL-0001")["outcome"] == "DONE"
    assert create_live(desk, "EXP", "REAL-0002")["outcome"] == "DONE"
    for engine, account in (("MAIN", "REAL-0002"), ("MAIN", "REAL-0003"), ("NEW", "REAL-0001")):
        assert refused(create_live(desk, engine, account)) == "MQS11", (engine, account)
    assert desk.one("select count(*) from run.engines where engine_id = 'NEW'") == 0
    with pytest.raises(psycopg.Error) as no:
        desk.sql(
            "alter table run.runs disable trigger _100_guard_terms;"
            " update run.runs set account_id = 'REAL-0003' where mode = 'LIVE'"
        )
    assert no.value.diag.constraint_name == "runs_trade_their_engines_live_account"
