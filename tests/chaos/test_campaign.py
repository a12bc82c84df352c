"""A dozen cells of the crash matrix with fixed seeds; `make campaign` runs them all."""

from __future__ import annotations

from typing import Any

import pytest

from chaos.drive import crash, run_cell
from chaos.points import ACTIONS, FAULTS, POINTS, Cell, list_cells
from chaos.rig import Rig
from chaos.server import Server
from chaos.verdict import find_violations

CELLS = (
    Cell("C02", "CUT_ANSWER", "ACCEPTED", 1),
    Cell("C03", "TERMINATE", "ACCEPTED", 1),
    Cell("C04", "POSTMASTER", "ACCEPTED", 1),
    Cell("C05", "CUT_REQUEST", "LOST", 3),
    Cell("C06", "KILL", "ACCEPTED", 2),
    Cell("C07", "POSTMASTER", "TIMEOUT", 3),
    Cell("C08", "KILL", "LATE", 3),
    Cell("C08", "CUT_ANSWER", "HANGS", 2),
    Cell("C09", "TERMINATE", "REFUSED", 2),
    Cell("C09i", "KILL", "ACCEPTED", 4),
    Cell("C14", "POSTMASTER", "ACCEPTED", 1),
    Cell("C19", "KILL", "ACCEPTED", 1),
    Cell("C08", "TERMINATE", "SLOW", 1),
)


TURNS = 3


def test_the_dozen_has_every_action_and_every_answer() -> None:
    assert {cell.action for cell in CELLS} == set(ACTIONS)
    assert {cell.answer for cell in CELLS} == set(FAULTS)
    assert {cell.name for cell in CELLS} <= {cell.name for cell in list_cells(0)}
    assert {point.victim for point in POINTS.values()} == {
        "strategist", "gateway", "broker_events", "snapshots", "arm", "halt",
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_no_order_is_sent_twice_and_no_fill_is_lost_whatever_crashes(
    server: Server, cell: Cell
) -> None:
    for turn in range(TURNS):  # a slow machine may pass the point before it is watched
        outcome = run_cell(server, cell, CELLS.index(cell) + 100 * turn)
        assert outcome.violations == [], outcome.logs
        if outcome.is_hit:
            return
    pytest.fail(f"never hit: {outcome.logs}")
    assert outcome.statuses[-1] == "RUNNING"


@pytest.mark.slow
def test_the_judge_sees_a_double_a_stranger_a_lost_fill_and_a_difference(server: Server) -> None:
    rig = Rig(server, Cell("C04", "KILL", "ACCEPTED", 1), 99)  # a broker that takes a name twice
    try:
        run_quietly(rig)
        assert find_violations(rig) == []
        name = rig.one("select client_order_id from oms.orders where symbol = 'AAA'")
        order = {"symbol": "AAA", "qty": "1", "side": "buy", "type": "market",
                 "time_in_force": "day", "client_order_id": name}  # fmt: skip
        assert rig.broker.api("POST", "/v2/orders", order).status_code == 200
        said = "\n".join(find_violations(rig))
    finally:
        rig.close()
    for fault in ("taken more than once", "sent again", "has no map", "2 requests, 1 attempts",
                  "not booked", "shares: ", "cash: "):  # fmt: skip
        assert fault in said


def run_quietly(rig: Rig) -> None:
    """Trade once without a crash, then end all workers."""
    rig.env["CHAOS_TIMES"] = "1000"
    crash(rig, waits=False)
    rig.wait_for("both orders are filled", lambda: rig.one(
        "select count(*) = 2 from oms.orders where order_status = 'FILLED'"), 30)  # fmt: skip
    for worker in list(rig.going):
        rig.kill(worker)


@pytest.mark.slow
def test_a_permit_that_does_not_wait_for_the_disk_is_found_out(server: Server) -> None:
    def weaken(conn: Any) -> None:
        text = "select pg_get_functiondef('oms.get_permit'::regproc) as text"
        before = conn.execute(text).fetchone()["text"]
        after = before.replace("pg_current_wal_flush_lsn() < v_attempt.wal_lsn", "false")
        assert after != before
        conn.execute(after)
        conn.execute(f"alter database {conn.info.dbname} set synchronous_commit = off")

    outcome = run_cell(server, Cell("C07", "POSTMASTER", "ACCEPTED", 1), 98, weaken)
    assert outcome.is_hit
    assert "a_sent_order_was_dispatched" in str(outcome.violations)
