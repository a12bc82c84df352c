"""Laws of the repair: a status of our own order moves forward, and nothing else is ever mended."""

from __future__ import annotations

import re
from typing import Any

import psycopg
import pytest

from kit import Desk
from recon_kit import BOOKS, drifts, hand_in, kinds, last, send, settle, submit, wait

LEDGER_WRITERS = {
    "ledger.carry_entry",
    "ledger.match_lots",
    "ledger.open_portfolio",
    "ledger.post_fill",
    "ledger.record_equity",
}
WRITES = r"(insert\s+into|update|delete\s+from|merge\s+into|truncate)\s+(?:only\s+)?(\w+\.\w+)"


def mend(desk: Desk, **order: Any) -> str:
    """Let the broker show our only order with changes for longer than the grace."""
    shown = [{**desk.broker.orders()[0], **order}]
    return settle(desk, orders=shown)


def status(desk: Desk) -> str:
    """Our only order's status."""
    return str(desk.one("select order_status from oms.orders"))


def test_an_ack_that_never_came_is_taken_from_the_snapshot(given_desk: Desk) -> None:
    send(given_desk, heard=False)
    assert status(given_desk) == "NEW"
    assert submit(given_desk) == "PENDING"
    assert (kinds(given_desk), status(given_desk)) == (["ORDER_STATUS"], "NEW")
    wait(given_desk, 4)
    assert submit(given_desk) == "PENDING"
    assert (last(given_desk)["repairs"], status(given_desk)) == (1, "ACCEPTED")
    assert given_desk.one("select outbox_status from oms.outbox") == "ACKED"
    assert submit(given_desk) == "CLEAN"
    assert given_desk.status == "RUNNING"


def test_an_event_that_comes_after_its_repair_is_stale(given_desk: Desk) -> None:
    send(given_desk, heard=False)
    settle(given_desk)
    given_desk.tick("broker_events")
    told = "select disposition from oms.inbox where broker_message_id !~ '^snapshot:'"
    assert given_desk.one(told) == "STALE"
    assert status(given_desk) == "ACCEPTED"


@pytest.mark.parametrize("to", ["canceled", "expired", "rejected"])
def test_an_end_that_we_missed_is_taken_from_the_snapshot(given_desk: Desk, to: str) -> None:
    send(given_desk)
    assert mend(given_desk, status=to) == "PENDING"
    assert (status(given_desk), last(given_desk)["repairs"]) == (to.upper(), 1)
    assert given_desk.status == "RUNNING"
    why = given_desk.one("select reason from oms.order_history order by moved_at desc limit 1")
    assert why == f"snapshot {last(given_desk)['snapshot_seq']} says {to.upper()}"


def test_a_reject_that_we_missed_counts_as_a_reject(given_desk: Desk) -> None:
    send(given_desk)
    mend(given_desk, status="rejected")
    assert given_desk.one("select count(*) from risk.rejects") == 1


@pytest.mark.parametrize(("filled", "shown"), [("4", "canceled"), ("10", "filled")])
def test_a_status_is_not_mended_while_a_fill_is_missing(
    given_desk: Desk, filled: str, shown: str
) -> None:
    send(given_desk)
    assert mend(given_desk, status=shown, filled_qty=filled) == "DIRTY"
    assert (kinds(given_desk), status(given_desk)) == (["UNKNOWN_FILL"], "ACCEPTED")
    assert last(given_desk)["repairs"] == 0


def test_a_partly_filled_order_that_was_canceled_keeps_its_fills(given_desk: Desk) -> None:
    desk = given_desk
    order = send(desk)
    name = order["client_order_id"]
    desk.receive(desk.event(name, "partial_fill", execution_id="e1", qty=4, price="100", cum_qty=4))
    row = {**order, "filled_qty": "4", "status": "canceled"}
    money = {"positions": [{"symbol": "AAA", "qty": "4"}], "cash": "99600"}
    assert settle(desk, orders=[row], **money) == "PENDING"
    assert desk.sql("select order_status, cum_qty from oms.orders") == [
        {"order_status": "CANCELED", "cum_qty": 4}
    ]


def test_an_order_that_differs_otherwise_too_is_not_mended(given_desk: Desk) -> None:
    send(given_desk)
    assert mend(given_desk, status="canceled", qty="11") == "DIRTY"
    assert (kinds(given_desk), status(given_desk)) == (["ORDER_FIELD"], "ACCEPTED")


def test_an_ended_order_is_never_brought_back(given_desk: Desk) -> None:
    order = send(given_desk)
    given_desk.receive(given_desk.event(order["client_order_id"], "canceled"))
    assert mend(given_desk, status="new") == "DIRTY"
    assert (kinds(given_desk), status(given_desk)) == (["ORDER_FIELD"], "CANCELED")


def test_a_status_is_mended_in_a_halted_run_too_and_arms_nothing(given_desk: Desk) -> None:
    send(given_desk)
    given_desk.act("run_halt", run_id=given_desk.run_id, reason="test")
    mend(given_desk, status="canceled")
    assert (status(given_desk), given_desk.status) == ("CANCELED", "HALTED")


def test_an_order_in_doubt_is_left_to_the_evidence_of_its_dispatch(given_desk: Desk) -> None:
    send(given_desk, heard=False)
    given_desk.sql("set session_replication_role = replica")
    given_desk.sql("update oms.outbox set outbox_status = 'AMBIGUOUS'")
    assert mend(given_desk) == "PENDING"
    assert (status(given_desk), last(given_desk)["repairs"]) == ("NEW", 0)
    given_desk.sql("update oms.outbox set outbox_status = 'SENT'")
    given_desk.sql("set session_replication_role = default")


def test_a_repair_of_money_or_shares_cannot_be_stored(given_desk: Desk) -> None:
    submit(given_desk, cash="1")
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="repairable_kind"):
        given_desk.sql(
            "insert into recon.repairs (run_id, snapshot_seq, drift_kind, drift_key, order_id,"
            " history_seq, to_status, repaired_at) select run_id, snapshot_seq, drift_kind,"
            " drift_key, run_id, 1, 'CANCELED', first_seen_at from recon.drifts"
        )


def test_a_repair_that_fills_cannot_be_stored(given_desk: Desk) -> None:
    send(given_desk, heard=False)
    submit(given_desk)
    with pytest.raises(psycopg.errors.CheckViolation, match="repairs_never_fill"):
        given_desk.sql(
            "insert into recon.repairs (run_id, snapshot_seq, drift_kind, drift_key, order_id,"
            " history_seq, to_status, repaired_at) select d.run_id, snapshot_seq, drift_kind,"
            " drift_key, o.order_id, 1, 'FILLED', first_seen_at from recon.drifts as d, oms.orders o"
        )


def test_no_snapshot_and_no_repair_touches_the_books(given_desk: Desk) -> None:
    order = send(given_desk)
    before = given_desk.one(BOOKS)
    mend(given_desk, status="canceled")
    submit(given_desk, orders=[{**order, "filled_qty": "10", "status": "filled"}], positions=[])
    assert drifts(given_desk)
    assert given_desk.one(BOOKS) == before


def reach(bodies: dict[str, str], start: set[str]) -> set[str]:
    """Every function of the house that these functions can come to call."""
    found, todo = set(start), list(start)
    while todo:
        body = bodies[todo.pop()]
        called = {name for name in re.findall(r"\b\w+\.\w+(?=\s*\()", body) if name in bodies}
        todo.extend(called - found)
        found |= called
    return found


def test_no_way_leads_from_reconcile_to_the_ledgers_writers(conn: Any) -> None:
    rows = conn.execute(
        "select n.nspname || '.' || p.proname as name, pg_get_functiondef(p.oid) as body"
        "  from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace"
        " where n.nspowner = 'mqk_owner'::regrole"
    ).fetchall()
    bodies = {row["name"]: row["body"] for row in rows}
    assert set(bodies) >= LEDGER_WRITERS
    assert "ledger.post_fill" in reach(bodies, {"oms.receive_messages"})  # the search can see
    reached = reach(bodies, {name for name in bodies if name.startswith("recon.")})
    assert "oms.move_order" in reached
    assert reached & LEDGER_WRITERS == set()
    written = {table for name in reached for _, table in re.findall(WRITES, bodies[name])}
    assert {table.split(".")[0] for table in written} == {"audit", "oms", "recon", "risk", "run"}


def test_a_second_repair_of_the_same_order_finds_nothing_to_do(given_desk: Desk) -> None:
    send(given_desk)
    mend(given_desk, status="canceled")
    wait(given_desk)
    shown = given_desk.broker.snapshot()
    shown["orders"][0]["status"] = "canceled"
    assert hand_in(given_desk, shown)[0] == "CLEAN"
    assert given_desk.one("select count(*) from recon.repairs") == 1
