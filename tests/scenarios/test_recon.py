"""Laws of the reconcile: the broker's snapshot against our books, which never bend."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from kit import Desk


def submit(desk: Desk, **changes: Any) -> str:
    """Submit the paper broker's snapshot with changes; give the verdict."""
    document = {**desk.broker.snapshot(), **changes}
    lease = desk.lease("snapshots")
    row = desk.call("io.submit_snapshot", **lease, document=document, now_at=desk.now)
    return str(row[0]["verdict"])


def settle(desk: Desk, **changes: Any) -> str:
    """Submit twice, six seconds apart: longer than the grace."""
    assert submit(desk, **changes) == "PENDING"
    desk.clock.move_to(desk.now + timedelta(seconds=6))
    return submit(desk, **changes)


def trade(desk: Desk) -> dict[str, Any]:
    """Own 10 AAA; give the paper broker's snapshot."""
    desk.plan(2, AAA=10)
    desk.tick("gateway")
    desk.close(3, ticks=("marketdata", "broker_events"), AAA=100, BBB=50)
    desk.clock.move_to(desk.now + timedelta(seconds=1))
    assert submit(desk) == "CLEAN"
    return desk.broker.snapshot()


def drifts(desk: Desk) -> list[tuple[str, str]]:
    """Settled differences of the last comparison."""
    rows = desk.call("api.recon_drifts", run_id=desk.run_id)
    return [(row["drift_kind"], row["drift_key"]) for row in rows if row["is_settled"]]


def test_the_brokers_truth_is_clean(given_desk: Desk) -> None:
    trade(given_desk)
    assert given_desk.status == "RUNNING"


@pytest.mark.parametrize("qty", ["9", "11", "10.5", "-10", "ten", None])
def test_another_position_is_dirty_and_halts(given_desk: Desk, qty: str | None) -> None:
    trade(given_desk)
    assert settle(given_desk, positions=[{"symbol": "AAA", "qty": qty}]) == "DIRTY"
    assert given_desk.status == "HALTED"
    assert ("POSITION", "AAA") in drifts(given_desk)


def test_a_position_that_the_broker_does_not_have_is_dirty(given_desk: Desk) -> None:
    trade(given_desk)
    assert settle(given_desk, positions=[]) == "DIRTY"


def test_a_position_that_we_never_traded_is_dirty_and_not_adopted(given_desk: Desk) -> None:
    known = trade(given_desk)["positions"]
    assert settle(given_desk, positions=[*known, {"symbol": "BBB", "qty": "5"}]) == "DIRTY"
    assert drifts(given_desk) == [("POSITION", "BBB")]
    assert given_desk.value("ledger.get_position_qty", run_id=given_desk.run_id, symbol="BBB") == 0


@pytest.mark.parametrize(
    ("micros", "verdict"),
    [(0, "CLEAN"), (10_000, "CLEAN"), (10_001, "PENDING"), (-10_001, "PENDING")],
)
def test_cash_may_differ_by_its_tolerance(given_desk: Desk, micros: int, verdict: str) -> None:
    cash = given_desk.one("select cash_micros from ledger.portfolios") + micros
    text = given_desk.value("core.format_micros", micros=cash)
    assert submit(given_desk, cash=text) == verdict


@pytest.mark.parametrize("cash", [None, "", "NaN", "much", "1e5", "99000.0000001"])
def test_cash_that_cannot_be_read_is_a_difference(given_desk: Desk, cash: str | None) -> None:
    trade(given_desk)
    assert settle(given_desk, cash=cash) == "DIRTY"
    assert drifts(given_desk) == [("CASH", "USD")]


@pytest.mark.parametrize(
    "change",
    [
        {"filled_qty": "9"},
        {"qty": "11"},
        {"side": "sell"},
        {"side": None},
        {"symbol": "BBB"},
        {"status": "canceled"},
        {"qty": "10.5"},
        {"status": None},
    ],
)
def test_an_order_that_differs_is_dirty(given_desk: Desk, change: dict[str, Any]) -> None:
    order = {**trade(given_desk)["orders"][0], **change}
    assert settle(given_desk, orders=[order]) == "DIRTY"
    assert [kind for kind, _ in drifts(given_desk)] == ["ORDER_FIELD"]


@pytest.mark.parametrize("name", ["manual-1", None])
def test_an_order_that_is_not_ours_is_dirty(given_desk: Desk, name: str | None) -> None:
    order = trade(given_desk)["orders"][0]
    foreign = {**order, "client_order_id": name, "status": "new"}
    assert settle(given_desk, orders=[order, foreign]) == "DIRTY"
    assert [kind for kind, _ in drifts(given_desk)] == ["UNKNOWN_ORDER"]


def test_an_open_order_that_the_broker_does_not_show_is_dirty(given_desk: Desk) -> None:
    given_desk.plan(2, AAA=10)
    given_desk.tick("gateway", "broker_events")
    assert settle(given_desk, orders=[]) == "DIRTY"
    assert [kind for kind, _ in drifts(given_desk)] == ["MISSING_ORDER"]


@pytest.mark.parametrize(("seconds", "verdict"), [(4.999999, "PENDING"), (5, "DIRTY")])
def test_a_difference_counts_once_it_has_lasted_for_the_grace(
    given_desk: Desk, seconds: float, verdict: str
) -> None:
    assert submit(given_desk, cash="1") == "PENDING"
    assert given_desk.status == "RUNNING"
    given_desk.clock.move_to(given_desk.now + timedelta(seconds=seconds))
    assert submit(given_desk, cash="1") == verdict


def test_a_difference_that_goes_away_starts_its_grace_anew(given_desk: Desk) -> None:
    for cash in ("1", "100000", "1"):
        verdict = submit(given_desk, cash=cash)
        given_desk.clock.move_to(given_desk.now + timedelta(seconds=4))
    assert verdict == "PENDING"
    assert given_desk.status == "RUNNING"


@pytest.mark.parametrize(
    "change",
    [
        {"account_id": "PAPER-OTHER-0001"},
        {"account_id": None},
        {"captured_at": None},
        {"captured_at": "2024-01-03 21:05:00"},
        {"source": None},
        {"orders": None},
        {"orders": {}},
        {"positions": None},
    ],
)
def test_a_snapshot_that_proves_nothing_is_refused(
    given_desk: Desk, change: dict[str, Any]
) -> None:
    before = given_desk.one("select gate_seq from run.gates where gate = 'RECON'")
    assert submit(given_desk, **change) == "REFUSED"
    assert given_desk.one("select gate_seq from run.gates where gate = 'RECON'") == before


@pytest.mark.parametrize(
    ("seconds", "verdict"),
    [(-60.000001, "REFUSED"), (-60, "CLEAN"), (2, "CLEAN"), (2.000001, "REFUSED")],
)
def test_a_snapshot_is_neither_too_old_nor_from_the_future(
    given_desk: Desk, seconds: float, verdict: str
) -> None:
    given_desk.clock.move_to(given_desk.now + timedelta(minutes=5))
    at = given_desk.now + timedelta(seconds=seconds)
    assert submit(given_desk, captured_at=at.isoformat()) == verdict


def test_a_snapshot_older_than_one_seen_is_refused(given_desk: Desk) -> None:
    old = given_desk.broker.snapshot()
    given_desk.clock.move_to(given_desk.now + timedelta(seconds=10))
    assert submit(given_desk) == "CLEAN"
    assert submit(given_desk, captured_at=old["captured_at"]) == "REFUSED"


def test_a_dirty_run_stays_halted_through_a_restart_and_a_clean_snapshot(given_desk: Desk) -> None:
    trade(given_desk)
    assert settle(given_desk, cash="1") == "DIRTY"
    given_desk.clock.move_to(given_desk.now + timedelta(seconds=1))
    given_desk.tick("broker_events", "snapshots", "gateway")
    assert given_desk.status == "HALTED"
    assert given_desk.act("run_begin", run_id=given_desk.run_id)["outcome"] == "REFUSED"


def test_a_verdict_cannot_be_passed_in(given_desk: Desk) -> None:
    assert submit(given_desk, cash="1", verdict="CLEAN") == "PENDING"
    with pytest.raises(psycopg.Error, match="verdict"):
        given_desk.sql(
            "insert into recon.comparisons (run_id, snapshot_seq, order_drifts, position_drifts,"
            " cash_drifts, unsettled_drifts, compared_at, verdict)"
            " select run_id, snapshot_seq + 1, 1, 0, 0, 0, received_at, 'CLEAN'"
            " from recon.snapshots limit 1"
        )


def test_the_books_are_never_changed_to_agree(given_desk: Desk) -> None:
    trade(given_desk)
    books = "select md5(string_agg(e::text, ',' order by e::text)) from ledger.entries as e"
    before = given_desk.one(books)
    assert settle(given_desk, positions=[], cash="1") == "DIRTY"
    assert given_desk.one(books) == before
