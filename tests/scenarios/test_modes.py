"""Laws of modes: an engine is in one at a time, and a shadow never submits."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from kit import GIVEN, Desk
from mqk.config.load import canonical, merge
from mqk.config.secrets import Secrets
from mqk.errors import MqkError

SHADOW = {"engine": {"engine_id": "TEST", "mode": "SHADOW"}}


def change(desk: Desk, mode: str, engine_id: str = "TEST") -> dict[str, Any]:
    """Ask for another mode of the engine."""
    return desk.act("run_change_mode", engine_id=engine_id, mode=mode, reason="as planned")


def create_shadow(desk: Desk) -> Any:
    """A run of the same engine in SHADOW, on an account of its own."""
    config = merge(desk.config, {**SHADOW, "broker": {"account_id": "PAPER-TEST-0002"}})
    row = desk.act("run_create", config=canonical(config), as_of_at=desk.now)
    assert row["outcome"] == "DONE", row
    return row["run_id"]


def failed(desk: Desk, run_id: Any) -> set[str]:
    """The preflight checks that a run does not pass."""
    checks = desk.call("api.run_preflight", run_id=run_id, now_at=desk.now)
    return {c["check_name"] for c in checks if not c["is_ok"]}


def test_an_engine_trades_in_one_mode_at_a_time_and_a_person_changes_it(desk: Desk) -> None:
    desk.start()
    shadow = create_shadow(desk)
    assert "engine_is_in_this_mode" in failed(desk, shadow)
    refused = change(desk, "SHADOW")
    assert (refused["outcome"], refused["error_code"]) == ("REFUSED", "MQS12")
    assert str(desk.run_id) in refused["detail"]
    desk.act("run_stop", run_id=desk.run_id, reason="x")
    assert change(desk, "SHADOW")["detail"] == "PAPER to SHADOW"
    assert change(desk, "SHADOW")["detail"] == "same mode: SHADOW"
    assert "engine_is_in_this_mode" not in failed(desk, shadow)
    assert "engine_is_in_this_mode" in failed(desk, desk.run_id)
    kept = [a["action"] for a in desk.call("api.audit_actions", limit=10)]
    assert kept.count("CHANGE_MODE") == 3
    told = desk.one("select payload from audit.events where event_name = 'MODE_CHANGED'")
    assert told == {"from": "PAPER", "to": "SHADOW", "reason": "as planned"}


@pytest.mark.parametrize(("mode", "engine", "code"), [
    ("BACKTEST", "TEST", "MQA02"), ("paper", "TEST", "MQA02"), ("LIVE", "NOBODY", "MQN10"),
])  # fmt: skip
def test_an_unknown_mode_or_engine_is_refused(
    desk: Desk, mode: str, engine: str, code: str
) -> None:
    assert change(desk, mode, engine)["error_code"] == code


def test_no_run_is_active_in_another_mode_than_its_engines(desk: Desk) -> None:
    desk.start()
    shadow = create_shadow(desk)
    gateway = desk.ticks["gateway"]
    gateway.run = desk.value("api.run_show", run_id=shadow)
    gateway.register()
    for gate in ("INTEGRITY", "RECON", "RISK"):
        desk.sql(
            "select run.set_gate(%s, %s, true, 'said so', '{}', '2100-01-01', %s)",
            shadow, gate, desk.now,
        )  # fmt: skip
    with pytest.raises(psycopg.Error) as no:
        desk.sql("select run.arm_run(%s, 'x', %s, %s)", shadow, Jsonb([{"is_ok": True}]), desk.now)
    assert no.value.diag.constraint_name == "runs_that_are_active_are_in_their_engines_mode"
    with pytest.raises(psycopg.Error) as no:
        desk.sql("update run.engines set mode = 'SHADOW'")
    assert no.value.diag.constraint_name == "runs_that_are_active_are_in_their_engines_mode"
    desk.broken_promises = lambda: []  # type: ignore[method-assign]  # the gates were forced


@pytest.fixture
def shadow(db: Any) -> Desk:
    """A running desk in SHADOW whose strategy wants what the test says."""
    made = Desk(db.url, strategy=GIVEN, **SHADOW)
    made.start()
    return made


def test_a_shadow_decides_and_is_judged_but_never_orders(shadow: Desk) -> None:
    planned = shadow.plan(2, AAA=10, BBB=-5)
    assert [(p["symbol"], p["verdict"], p["client_order_id"]) for p in planned] == [
        ("BBB", "DENY", None),
        ("AAA", "ALLOW", None),
    ]
    shadow.tick("gateway")
    for table in ("orders", "outbox", "attempts"):
        assert shadow.one(f"select count(*) from oms.{table}") == 0
    assert shadow.broker.orders() == []
    assert shadow.one("select count(*) from oms.intents") == 2
    assert shadow.broken_promises() == []


def test_an_order_of_a_shadow_cannot_be_kept(shadow: Desk) -> None:
    shadow.plan(2, AAA=10)
    with pytest.raises(psycopg.Error) as no:
        shadow.sql(
            "select oms.enqueue_order(i, null, %s::timestamptz + '1 day', %s) from oms.intents as i",
            shadow.now, shadow.now,
        )  # fmt: skip
    assert no.value.diag.constraint_name == "orders_are_not_of_a_shadow"


def test_a_shadow_reads_at_a_broker_with_papers_keys(desk: Desk) -> None:
    broker = {
        "name": "alpaca",
        "keys_env": {
            "api_key": "ALPACA_API_KEY_LIVE_TEST",
            "api_secret": "ALPACA_API_SECRET_LIVE_TEST",
        },
    }
    config = merge(desk.config, {**SHADOW, "broker": broker, "execution": None})
    row = desk.act("run_create", config=canonical(config), as_of_at=desk.now)
    assert row["error_code"] == "MQA07" and "PAPER" in row["detail"]


def test_secrets_that_a_worker_lacks_keep_a_run_from_arming(desk: Desk) -> None:
    names = ["ALPACA_API_KEY_PAPER_TEST", "ALPACA_API_SECRET_PAPER_TEST"]
    broker = {
        "name": "alpaca",
        "keys_env": dict(zip(("api_key", "api_secret"), names, strict=True)),
    }
    config = merge(desk.config, {"broker": broker, "execution": None})
    row = desk.act("run_create", config=canonical(config), as_of_at=desk.now)
    assert row["outcome"] == "DONE", row
    desk.serve(row["run_id"])
    for tick in desk.ticks.values():
        tick.secrets = Secrets(dict.fromkeys(names, "value"))
    desk.show_workers()
    assert "secrets_are_present" not in failed(desk, row["run_id"])
    desk.ticks["snapshots"].secrets = Secrets({names[0]: "value"})
    desk.show_workers()
    assert "secrets_are_present" in failed(desk, row["run_id"])
    with pytest.raises(MqkError):
        desk.call("api.run_preflight", run_id=None, now_at=desk.now)
