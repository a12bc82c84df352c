"""Laws of the watermark: a snapshot that proves nothing is kept, named, and changes nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from kit import Desk
from recon_kit import gate, hand_in, last, submit, trade, wait


def refused(desk: Desk) -> str:
    """The defect of the last refusal."""
    row = desk.call("api.recon_refusals", run_id=desk.run_id, limit=1)[0]
    return str(row["defect"])


@pytest.mark.parametrize(
    ("change", "defect"),
    [
        ({"orders": None}, "MALFORMED"),
        ({"orders": {}}, "MALFORMED"),
        ({"positions": None}, "MALFORMED"),
        ({"source": None}, "OTHER_SOURCE"),
        ({"source": "alpaca"}, "OTHER_SOURCE"),
        ({"source": "ourselves"}, "OTHER_SOURCE"),
        ({"account_id": None}, "NO_ACCOUNT"),
        ({"account_id": ""}, "NO_ACCOUNT"),
        ({"captured_at": None}, "NO_TIMESTAMP"),
        ({"captured_at": "2024-01-03 21:05:00"}, "NO_TIMESTAMP"),
        ({"captured_at": 0}, "NO_TIMESTAMP"),
        ({"captured_at": -1}, "NO_TIMESTAMP"),
        ({"captured_at": "1970-01-01T00:00:00Z"}, "NO_TIMESTAMP"),
        ({"captured_at": "1969-12-31T23:59:59Z"}, "NO_TIMESTAMP"),
        ({"captured_at": "0001-01-01T00:00:00Z"}, "NO_TIMESTAMP"),
        ({"captured_at": "0000-00-00T00:00:00Z"}, "NO_TIMESTAMP"),
        ({"captured_at": "2024-02-30T00:00:00Z"}, "NO_TIMESTAMP"),
    ],
)
def test_a_snapshot_that_proves_nothing_is_refused_by_name_and_kept(
    given_desk: Desk, change: dict[str, Any], defect: str
) -> None:
    wait(given_desk)
    document = {**given_desk.broker.snapshot(), **change}
    assert hand_in(given_desk, document) == ("REFUSED", defect)
    assert given_desk.one("select document from recon.refusals") == document
    assert refused(given_desk) == defect


@pytest.mark.parametrize("document", [None, [], 1, "x", {}])
def test_what_is_no_snapshot_at_all_is_refused(given_desk: Desk, document: Any) -> None:
    from psycopg.types.json import Jsonb

    assert hand_in(given_desk, Jsonb(document)) == ("REFUSED", "MALFORMED")


def test_a_refused_snapshot_changes_neither_verdict_nor_gate(given_desk: Desk) -> None:
    trade(given_desk)
    before = (gate(given_desk), last(given_desk), given_desk.status)
    for change in ({"captured_at": None}, {"source": "alpaca"}, {"orders": "none"}):
        assert submit(given_desk, positions=[], **change) == "REFUSED"
    assert (gate(given_desk), last(given_desk), given_desk.status) == before


def test_a_refused_snapshot_opens_no_gate(desk: Desk) -> None:
    assert hand_in(desk, {**desk.broker.snapshot(), "captured_at": None})[0] == "REFUSED"
    assert desk.sql("select * from run.gates where gate = 'RECON'") == []


@pytest.mark.parametrize(
    ("seconds", "verdict"),
    [
        (-60.000001, ("REFUSED", "TOO_OLD")),
        (-60, ("CLEAN", None)),
        (2, ("CLEAN", None)),
        (2.000001, ("REFUSED", "FUTURE")),
    ],
)
def test_a_snapshot_is_neither_too_old_nor_from_the_future(
    given_desk: Desk, seconds: float, verdict: tuple[str, str | None]
) -> None:
    wait(given_desk, 300)
    at = given_desk.now + timedelta(seconds=seconds)
    assert hand_in(given_desk, {**given_desk.broker.snapshot(), "captured_at": at.isoformat()}) == (
        verdict
    )


@pytest.mark.parametrize(("micros", "verdict"), [(-1, "REFUSED"), (0, "REFUSED"), (1, "CLEAN")])
def test_a_snapshot_must_be_captured_after_the_last_one(
    given_desk: Desk, micros: int, verdict: str
) -> None:
    wait(given_desk, 10)
    document = given_desk.broker.snapshot()
    captured = given_desk.now
    assert hand_in(given_desk, document)[0] == "CLEAN"
    at = captured + timedelta(microseconds=micros)
    wait(given_desk)
    assert hand_in(given_desk, {**document, "captured_at": at.isoformat()})[0] == verdict
    assert verdict == "CLEAN" or refused(given_desk) == "NOT_NEWER"


def test_a_refused_snapshot_does_not_move_the_watermark(given_desk: Desk) -> None:
    wait(given_desk, 10)
    ahead = (given_desk.now + timedelta(seconds=2.5)).isoformat()
    assert hand_in(given_desk, {**given_desk.broker.snapshot(), "captured_at": ahead})[0] == (
        "REFUSED"
    )
    assert submit(given_desk) == "CLEAN"


def test_a_frozen_account_that_is_captured_anew_is_fresh(given_desk: Desk) -> None:
    trade(given_desk)
    assert [submit(given_desk) for _ in range(3)] == ["CLEAN"] * 3


@pytest.mark.parametrize("column", ["captured_at", "prior_captured_at + interval '1 us'"])
def test_the_table_itself_refuses_a_snapshot_that_is_not_newer(
    given_desk: Desk, column: str
) -> None:
    """Through no function: once equal to the one before, once not naming its time."""
    submit(given_desk)
    with pytest.raises((psycopg.errors.CheckViolation, psycopg.errors.ForeignKeyViolation)):
        given_desk.sql(
            "insert into recon.snapshots (run_id, snapshot_seq, prior_captured_at, account_id,"
            " source, captured_at, document, received_at)"
            f" select run_id, snapshot_seq + 1, {column}, account_id, source, captured_at, document,"
            " received_at from recon.snapshots order by snapshot_seq desc limit 1"
        )


def test_snapshots_and_refusals_never_change(given_desk: Desk) -> None:
    submit(given_desk)
    submit(given_desk, captured_at=None)
    for table in ("snapshots", "refusals", "comparisons"):
        with pytest.raises(psycopg.Error):
            given_desk.sql(f"delete from recon.{table}")
