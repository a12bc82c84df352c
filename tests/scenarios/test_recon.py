"""Laws of the reconcile: the broker's snapshot against our books, which never bend."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from kit import GIVEN, Desk
from mqk.errors import MqkError
from recon_kit import BOOKS, drifts, gate, hand_in, kinds, last, send, settle, submit, trade, wait


def test_the_brokers_truth_is_clean(given_desk: Desk) -> None:
    trade(given_desk)
    assert given_desk.status == "RUNNING"
    assert drifts(given_desk) == []


@pytest.mark.parametrize("qty", ["9", "11", "-10"])
def test_another_position_is_dirty_and_halts(given_desk: Desk, qty: str) -> None:
    trade(given_desk)
    assert settle(given_desk, positions=[{"symbol": "AAA", "qty": qty}]) == "DIRTY"
    assert given_desk.status == "HALTED"
    assert drifts(given_desk, settled=True) == [("POSITION", "AAA")]


def test_a_position_that_the_broker_does_not_have_is_dirty(given_desk: Desk) -> None:
    trade(given_desk)
    assert settle(given_desk, positions=[]) == "DIRTY"
    assert drifts(given_desk) == [("POSITION", "AAA")]


def test_a_position_that_we_never_traded_is_dirty_and_not_adopted(given_desk: Desk) -> None:
    known = trade(given_desk)["positions"]
    assert settle(given_desk, positions=[*known, {"symbol": "BBB", "qty": "5"}]) == "DIRTY"
    assert drifts(given_desk) == [("UNKNOWN_POSITION", "BBB")]
    assert given_desk.value("ledger.get_position_qty", run_id=given_desk.run_id, symbol="BBB") == 0


def test_a_position_of_zero_is_none(given_desk: Desk) -> None:
    known = trade(given_desk)["positions"]
    assert submit(given_desk, positions=[*known, {"symbol": "BBB", "qty": "0"}]) == "CLEAN"


@pytest.mark.parametrize(
    ("micros", "verdict"),
    [
        (0, "CLEAN"),
        (10_000, "CLEAN"),
        (-10_000, "CLEAN"),
        (10_001, "PENDING"),
        (-10_001, "PENDING"),
    ],
)
def test_cash_may_differ_by_its_tolerance(given_desk: Desk, micros: int, verdict: str) -> None:
    cash = given_desk.one("select cash_micros from ledger.portfolios") + micros
    text = given_desk.value("core.format_micros", micros=cash)
    assert submit(given_desk, cash=text) == verdict


@pytest.mark.parametrize("cash", [None, "", "NaN", "much", "1e5", "99000.0000001", "9" * 13])
def test_cash_that_cannot_be_read_is_a_difference(given_desk: Desk, cash: str | None) -> None:
    trade(given_desk)
    assert settle(given_desk, cash=cash) == "DIRTY"
    assert drifts(given_desk, settled=True) == [("CASH", "USD")]


@pytest.mark.parametrize(("seconds", "verdict"), [(4.999999, "PENDING"), (5, "DIRTY")])
def test_a_difference_counts_once_it_has_lasted_for_the_grace(
    given_desk: Desk, seconds: float, verdict: str
) -> None:
    assert submit(given_desk, cash="1") == "PENDING"
    assert given_desk.status == "RUNNING"
    wait(given_desk, seconds - 1)
    assert submit(given_desk, cash="1") == verdict


def test_without_a_grace_a_difference_counts_when_it_is_seen_twice(db: Any) -> None:
    desk = Desk(db.url, strategy=GIVEN, reconcile={"grace_ms": 0})
    desk.start()
    assert [submit(desk, cash="1") for _ in (1, 2)] == ["PENDING", "DIRTY"]
    assert desk.broken_promises() == []
    desk.conn.close()


def test_a_difference_that_goes_away_starts_its_grace_anew(given_desk: Desk) -> None:
    for cash in ("1", "100000", "1"):
        verdict = submit(given_desk, cash=cash)
        wait(given_desk, 3)
    assert verdict == "PENDING"
    assert given_desk.status == "RUNNING"


@pytest.mark.parametrize(("seconds", "verdict"), [(0.999999, "PENDING"), (1, "DIRTY")])
def test_a_difference_is_graced_while_the_fill_is_younger_than_the_snapshot(
    given_desk: Desk, seconds: float, verdict: str
) -> None:
    desk = given_desk
    send(desk)
    old = desk.broker.snapshot()
    desk.close(3, ticks=("marketdata",), AAA=100, BBB=50)
    start = desk.now
    wait(desk)
    desk.tick("broker_events")  # the fill is booked one second after the first capture
    verdicts = []
    for capture in (start, start + timedelta(seconds=seconds)):
        verdicts.append(hand_in(desk, {**old, "captured_at": capture.isoformat()})[0])
        wait(desk, 5)
    assert verdicts == ["PENDING", verdict]
    assert set(kinds(desk)) == {"ORDER_FIELD", "POSITION", "CASH"}


def test_a_young_difference_does_not_stay_young_for_ever(given_desk: Desk) -> None:
    desk = given_desk
    trade(desk)
    verdicts = []
    for _ in range(8):  # each snapshot is older than the last change of the position
        wait(desk)
        stale = {**desk.broker.snapshot(), "positions": []}
        wait(desk, 9)
        desk.sql("update ledger.positions set changed_at = %s", desk.now)
        verdicts.append(hand_in(desk, stale)[0])
    assert verdicts == ["PENDING"] * 6 + ["DIRTY"] * 2


def test_a_pending_comparison_neither_opens_nor_shuts_the_gate(given_desk: Desk) -> None:
    before = gate(given_desk)
    assert submit(given_desk, cash="1") == "PENDING"
    assert gate(given_desk) == before


def test_a_clean_snapshot_holds_the_gate_open_from_its_capture(given_desk: Desk) -> None:
    desk = given_desk
    wait(desk, 5)
    document = desk.broker.snapshot()
    captured = desk.now
    wait(desk, 30)
    assert hand_in(desk, document)[0] == "CLEAN"
    assert (gate(desk)["expires_at"] - captured).total_seconds() == 864000


def test_a_dirty_run_stays_halted_through_a_restart_and_a_clean_snapshot(given_desk: Desk) -> None:
    trade(given_desk)
    assert settle(given_desk, cash="1") == "DIRTY"
    wait(given_desk)
    given_desk.tick("broker_events", "snapshots", "gateway")
    assert last(given_desk)["verdict"] == "CLEAN"
    assert given_desk.status == "HALTED"
    assert given_desk.act("run_begin", run_id=given_desk.run_id)["outcome"] == "REFUSED"


def test_a_silent_broker_does_not_clear_what_is_dirty(given_desk: Desk) -> None:
    trade(given_desk)
    assert settle(given_desk, cash="1") == "DIRTY"
    wait(given_desk, 3600)
    assert gate(given_desk)["is_open"] is False


def test_a_verdict_cannot_be_passed_in(given_desk: Desk) -> None:
    assert submit(given_desk, cash="1", verdict="CLEAN") == "PENDING"
    with pytest.raises(psycopg.Error, match="verdict"):
        given_desk.sql("insert into recon.comparisons (run_id, verdict) values (null, 'CLEAN')")


def test_the_books_are_never_changed_to_agree(given_desk: Desk) -> None:
    trade(given_desk)
    before = given_desk.one(BOOKS)
    assert settle(given_desk, positions=[], cash="1", orders=[]) == "DIRTY"
    assert given_desk.one(BOOKS) == before


def test_tolerances_are_in_the_diary_and_do_not_change(given_desk: Desk) -> None:
    said = given_desk.one("select payload from audit.events where event_name = 'TOLERANCES_SET'")
    assert said == given_desk.config["reconcile"]
    with pytest.raises(psycopg.Error):
        given_desk.sql("update recon.tolerances set grace_ms = 60000")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("grace_ms", 60_001),
        ("max_age_ms", 999),
        ("max_age_ms", 600_001),
        ("position_tolerance_qty", 1),
        ("cash_tolerance_micros", 1_000_001),
        ("foreign_orders", "ALLOW"),
    ],
)
def test_a_tolerance_beyond_its_bounds_is_refused(given_desk: Desk, key: str, value: Any) -> None:
    wide = {**given_desk.config["reconcile"], key: value}
    with pytest.raises(MqkError, match=r"tolerances (are small|refuse or ignore strangers)"):
        given_desk.call(
            "recon.set_tolerances", run_id=given_desk.run_id, recon=wide, now_at=given_desk.now
        )


def test_a_snapshot_of_another_account_halts_at_first_sight(given_desk: Desk) -> None:
    trade(given_desk)
    assert submit(given_desk, account_id="PAPER-OTHER-0001", positions=[]) == "DIRTY"
    assert kinds(given_desk) == ["OTHER_ACCOUNT"]
    assert given_desk.status == "HALTED"


def test_every_kind_of_difference_says_how_bad_it_is_and_who_mends_it(conn: Any) -> None:
    rows = conn.execute("select drift_kind, severity, repair_class from recon.drift_kinds")
    known = {row["drift_kind"]: (row["severity"], row["repair_class"]) for row in rows}
    mild = {"ORDER_STATUS", "OTHER_ENGINE_ORDER", "FOREIGN_ORDER", "SPLIT_LATE", "ACTION_CASH_LATE"}
    assert {kind for kind, (bad, _) in known.items() if bad != "CRITICAL"} == mild
    assert known["ORDER_STATUS"] == ("WARN", "FORWARD_STATUS")
    for kind in ("UNKNOWN_FILL", "POSITION", "UNKNOWN_POSITION", "CASH", "FRACTIONAL"):
        assert known[kind][1] == "HALT"
    for kind in ("UNKNOWN_ORDER", "MISSING_ORDER", "ORDER_FIELD", "MISSING_STOP", "UNREADABLE"):
        assert known[kind][1] == "OPERATOR"


def test_a_difference_of_no_known_kind_cannot_be_stored(given_desk: Desk) -> None:
    submit(given_desk)
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        given_desk.sql(
            "insert into recon.drifts select run_id, snapshot_seq, 'ODD', 'x', '', '', compared_at,"
            " false, false from recon.comparisons limit 1"
        )


@pytest.mark.parametrize(
    ("seen", "arms"),
    [
        ("", False),
        ("clean", True),
        ("clean clean", True),
        ("refused", False),
        ("clean refused", True),
        ("pending", False),
        ("clean pending", True),
        ("pending clean", True),
        ("pending dirty", False),
        ("pending dirty refused", False),
        ("pending dirty clean", True),
        ("clean pending dirty", False),
        ("account", False),
        ("clean late", False),
    ],
)
def test_only_a_clean_and_fresh_reconcile_arms(desk: Desk, seen: str, arms: bool) -> None:
    for n in (0, 1):
        desk.close(n, ticks=("marketdata",), AAA=100, BBB=50)
    desk.show_workers()
    for step in seen.split():
        if step == "late":
            desk.clock.move_to(gate(desk)["expires_at"])
        elif step == "account":
            assert submit(desk, account_id="PAPER-OTHER-0001") == "DIRTY"
        else:
            wait(desk, 5)
            lie = {"dirty": {"cash": "1"}, "pending": {"cash": "1"}, "refused": {"orders": 0}}
            assert submit(desk, **lie.get(step, {})) == step.upper()
    words = desk.value("api.run_arm_words", run_id=desk.run_id)
    row = desk.act("run_arm", run_id=desk.run_id, confirm=words)
    assert row["outcome"] == ("DONE" if arms else "REFUSED")
