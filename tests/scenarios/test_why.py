"""Laws of the answers: why it does not trade, what an order came from, how a run stands."""

from __future__ import annotations

from typing import Any

import pytest

from kit import Desk
from mqk.errors import MqkError

GATES = ("CONTINUITY", "DEADMAN", "INTEGRITY", "RECON", "RISK")


def why(desk: Desk) -> dict[str, dict[str, Any]]:
    """The steps between a bar and an order, by name."""
    return {h["gate"]: h for h in desk.call("api.why_all", run_id=desk.run_id, now_at=desk.now)}


def shut(desk: Desk) -> list[str]:
    """What is shut, in the order from a bar to an order."""
    return [name for name, hold in why(desk).items() if not hold["is_open"]]


def test_a_desk_that_trades_has_nothing_shut_and_tells_every_step(running: Desk) -> None:
    running.buy()
    steps = why(running)
    assert shut(running) == []
    assert list(steps)[:5] == ["bars", "data", "run", "arming", "strategy"]
    assert {f"gate {g}" for g in GATES} <= set(steps)
    assert [s["step"] for s in steps.values()] == sorted(s["step"] for s in steps.values())
    assert {s["clear"] for s in steps.values()} == {None}  # nothing to clear


def test_before_it_is_armed_the_run_the_arming_and_the_gates_are_shut(desk: Desk) -> None:
    steps = why(desk)
    assert {"bars", "run", "arming", "decision", *(f"gate {g}" for g in GATES)} <= set(shut(desk))
    assert steps["arming"]["reason"] == "never armed"
    assert steps["run"]["clear"] == f"mqk run preflight {desk.run_id}"
    assert {steps[f"gate {g}"]["reason"] for g in GATES} == {"never observed"}


def test_a_halt_names_its_row_and_the_command_that_clears_it(running: Desk) -> None:
    running.act("run_halt", run_id=running.run_id, reason="fire")
    hold = why(running)["run"]
    assert (hold["reason"], hold["is_open"]) == ("HALTED: fire", False)
    seq = running.one("select status_seq from run.runs")
    assert hold["evidence"] == f"run.run_history {seq}"
    assert hold["clear"].startswith(f"mqk run clear-halted {running.run_id}")
    assert why(running)["arming"]["reason"] == "disarmed"


@pytest.mark.parametrize("gate", GATES)
def test_a_gate_that_is_shut_says_since_when_and_by_which_row(running: Desk, gate: str) -> None:
    running.sql(
        "select run.set_gate(%s, %s, false, 'because', '{}', %s, %s)",
        running.run_id, gate, running.now, running.now,
    )  # fmt: skip
    hold = why(running)[f"gate {gate}"]
    seq = running.one("select gate_seq from run.gates where gate = %s", gate)
    assert (hold["is_open"], hold["reason"]) == (False, "because")
    assert hold["evidence"] == f"run.gate_history {gate} {seq}"
    assert hold["since"] == running.now
    assert hold["clear"] and hold["measured"]


def test_risk_is_measured_against_its_limits(running: Desk) -> None:
    running.buy()
    running.close(3, AAA=100, BBB=50)
    measured = why(running)["gate RISK"]["measured"]
    equity = running.one("select equity_micros from risk.states")
    assert f"equity {equity // 10**6}." in measured
    assert "of 50000.000000; off the peak" in measured


def test_a_bar_that_is_missing_and_a_strategist_that_sleeps_are_told_apart(running: Desk) -> None:
    running.close(2, ticks=("marketdata",), AAA=110)
    assert why(running)["bars"]["reason"] == "the last bar is not there for every symbol"
    assert why(running)["decision"]["reason"] == "no complete bar to decide on"
    running.close(2, ticks=("marketdata",), BBB=50)
    assert why(running)["bars"]["is_open"]
    assert why(running)["decision"]["reason"] == "the last bar waits for the strategist"
    running.tick("strategist")
    assert why(running)["decision"]["is_open"]


def test_a_request_that_waits_and_a_denial_are_named(given_desk: Desk) -> None:
    given_desk.plan(2, AAA=10, BBB=-10)
    steps = why(given_desk)
    assert steps["verdict AAA"]["is_open"]
    assert steps["verdict BBB"]["reason"] == "DENY: SHORT_NOT_ALLOWED"
    assert (steps["requests that wait"]["is_open"], steps["requests that wait"]["measured"]) == (
        False,
        "1 requests",
    )
    given_desk.tick("gateway")
    assert why(given_desk)["requests that wait"]["is_open"]


def explain(desk: Desk, name: str) -> list[dict[str, Any]]:
    """The steps of an explanation."""
    return desk.call("api.explain_all", name=name)


CHAIN = ["bar", "decision", "target", "intent", "verdict", "outbox", "attempt", "permit", "broker",
         "message", "fill", "lot"]  # fmt: skip


def test_an_order_is_explained_from_its_bar_to_its_lots_and_hashes(running: Desk) -> None:
    name = running.buy()
    running.close(3, AAA=120, BBB=50)
    steps = explain(running, name)
    found = [s["step"] for s in steps]
    assert [found.index(step) for step in CHAIN] == sorted(found.index(step) for step in CHAIN)
    diary = [s for s in steps if s["step"] == "diary"]
    for row in diary:
        seq = int(row["evidence"].split()[-1])
        whole = running.one(
            "select event_hash from audit.events where chain_id = %s and event_seq = %s",
            running.run_id, seq,
        )  # fmt: skip
        assert whole.startswith(row["detail"].rsplit(" ", 1)[1])
    assert {"ORDER_ENQUEUED,", "OUTBOX_SENT,", "FILL_BOOKED,", "ORDER_FILLED,"} <= {
        word for row in diary for word in row["detail"].split()
    }
    assert len(diary) == running.one(
        "select count(*) from audit.events where topic in ('OMS', 'LEDGER', 'RISK')"
        " and event_name <> 'PORTFOLIO_OPENED' and payload::text ~ %s",
        name + "|" + str(running.one("select intent_id from oms.orders")) + '|"outbox_id": 1[,}]',
    )


def test_a_fill_is_explained_by_its_execution_id(running: Desk) -> None:
    name = running.buy()
    running.close(3, AAA=120, BBB=50)
    execution = running.one("select execution_id from ledger.fills limit 1")
    assert explain(running, execution) == explain(running, name)


def test_a_sale_names_the_lots_that_it_closed(given_desk: Desk) -> None:
    given_desk.plan(2, AAA=10)
    given_desk.tick("gateway")
    given_desk.plan(3, AAA=4)
    given_desk.tick("gateway")
    given_desk.close(4, AAA=130, BBB=50)
    last = given_desk.one("select client_order_id from oms.orders where order_qty = -6")
    closes = [s for s in explain(given_desk, last) if s["step"] == "close"]
    assert [c["detail"].split()[0] for c in closes] == ["6"]


def test_a_run_is_explained_by_its_id(running: Desk) -> None:
    name = running.buy()
    running.act("run_halt", run_id=running.run_id, reason="fire")
    steps = explain(running, str(running.run_id))
    assert {s["step"] for s in steps} == {"config", "status", "arming", "gate", "person", "order"}
    assert any(name in s["detail"] for s in steps)
    assert "HALT" in [s for s in steps if s["step"] == "person"][-1]["detail"]


@pytest.mark.parametrize("name", ["nobody", "", "00000000-0000-0000-0000-000000000000"])
def test_a_name_that_nothing_has_is_refused(desk: Desk, name: str) -> None:
    with pytest.raises(MqkError, match="MQN09"):
        explain(desk, name)


def test_the_status_shows_money_beside_limits_and_says_what_is_unknown(running: Desk) -> None:
    running.buy()
    running.close(3, AAA=120, BBB=50)

    def status() -> dict[str, tuple[str, bool]]:
        rows = running.call("api.status_all", run_id=running.run_id, now_at=running.now)
        return {row["item"]: (row["value"], row["is_ok"]) for row in rows}

    seen = status()
    assert seen["PAPER TEST"][1] and seen["PAPER TEST"][0].startswith("RUNNING since")
    assert seen["lost today"][0].endswith("of 50000.000000")
    assert seen["AAA"][0].startswith("181 at 120.000000")
    running.act("run_halt", run_id=running.run_id, reason="fire")
    assert status()["run"] == ("HALTED: fire", False)


def test_the_run_of_an_engine_is_its_active_one_else_its_latest(desk: Desk) -> None:
    from mqk.config.load import canonical

    desk.start()
    latest = desk.act("run_create", config=canonical(desk.config), as_of_at=desk.now)["run_id"]
    assert desk.value("api.run_find", engine_id="TEST") == desk.run_id
    desk.act("run_stop", run_id=desk.run_id, reason="x")
    assert desk.value("api.run_find", engine_id="TEST") == latest
    with pytest.raises(MqkError, match="MQN02"):
        desk.value("api.run_find", engine_id="NOBODY")
