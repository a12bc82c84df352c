"""What the tests of the reconcile share: snapshots with changes, and what came of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from kit import Desk

BOOKS = (
    "select md5(concat("
    " (select string_agg(e::text, ',' order by e::text) from ledger.entries as e),"
    " (select string_agg(f::text, ',' order by f::text) from ledger.fills as f),"
    " (select string_agg(l::text, ',' order by l::text) from ledger.lots as l),"
    " (select string_agg(c::text, ',' order by c::text) from ledger.lot_closes as c),"
    " (select string_agg(p::text, ',' order by p::text) from ledger.positions as p),"
    " (select string_agg(b::text, ',' order by b::text) from ledger.portfolios as b)))"
)


def wait(desk: Desk, seconds: float = 1) -> None:
    """Let time pass."""
    desk.clock.move_to(desk.now + timedelta(seconds=seconds))


def hand_in(desk: Desk, document: Any) -> tuple[str, str | None]:
    """Submit a document as it is; give verdict and detail."""
    lease = desk.lease("snapshots")
    row = desk.call("io.submit_snapshot", **lease, document=document, now_at=desk.now)[0]
    return str(row["verdict"]), row["detail"]


def submit(desk: Desk, **changes: Any) -> str:
    """One second later, submit the paper broker's snapshot with changes; give the verdict."""
    wait(desk)
    return hand_in(desk, {**desk.broker.snapshot(), **changes})[0]


def settle(desk: Desk, **changes: Any) -> str:
    """Submit twice, as far apart as the grace is long; give the second verdict."""
    assert submit(desk, **changes) == "PENDING"
    wait(desk, 4)
    return submit(desk, **changes)


def trade(desk: Desk) -> dict[str, Any]:
    """Own 10 AAA; give the paper broker's snapshot."""
    desk.plan(2, AAA=10)
    desk.tick("gateway")
    desk.close(3, ticks=("marketdata", "broker_events"), AAA=100, BBB=50)
    assert submit(desk) == "CLEAN"
    return desk.broker.snapshot()


def send(desk: Desk, *, heard: bool = True) -> dict[str, Any]:
    """Have an order for 10 AAA working at the broker, its ack heard or not; give it as shown."""
    desk.plan(2, AAA=10)
    desk.tick("gateway")
    if heard:
        desk.tick("broker_events")
    return dict(desk.broker.orders()[0])


def drifts(desk: Desk, *, settled: bool | None = None) -> list[tuple[str, str]]:
    """Kind and key of the differences of the last comparison."""
    rows = desk.call("api.recon_drifts", run_id=desk.run_id)
    last = max((row["snapshot_seq"] for row in rows), default=0)
    return [
        (row["drift_kind"], row["drift_key"])
        for row in rows
        if row["snapshot_seq"] == last and settled in (None, row["is_settled"])
    ]


def kinds(desk: Desk) -> list[str]:
    """Kinds of the differences of the last comparison."""
    return [kind for kind, _ in drifts(desk)]


def last(desk: Desk) -> Mapping[str, Any]:
    """The last comparison."""
    return desk.call("api.recon_list", run_id=desk.run_id, limit=1)[0]


def gate(desk: Desk) -> Mapping[str, Any]:
    """Gate RECON as it stands."""
    return desk.sql("select * from run.gates where gate = 'RECON'")[0]
