"""Laws of the kill switches: each is wired to where it happens, and leaves a row with what it saw."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from kit import GIVEN, Desk, close_of
from mqk.brokers import Refused, Unsure

HOLD = {"max_drawdown": 0.9, "daily_loss_limit": 0.9}


def trips(desk: Desk) -> list[dict[str, Any]]:
    """What a person sees of the kill switches, newest first."""
    return desk.call("api.risk_trips", run_id=desk.run_id, limit=9)


def last(desk: Desk) -> tuple[str, str]:
    """The last kill switch and where the run stands."""
    return trips(desk)[0]["trip_kind"], desk.status


def own(desk: Desk, shares: int = 500) -> None:
    """Own AAA, bought at 100."""
    desk.plan(2, AAA=shares)
    desk.tick("gateway")
    desk.close(3, ticks=("marketdata", "broker_events", "snapshots"), AAA=100, BBB=50)


def open_desk(db: Any, strategy: dict[str, Any] = GIVEN, **risk: Any) -> Desk:
    """A running desk."""
    desk = Desk(db.url, strategy=strategy, risk={**HOLD, **risk})
    desk.start()
    return desk


@pytest.mark.parametrize(
    ("risk", "close", "kind"),
    [
        ({"daily_loss_limit": 0.05}, 90, "DAILY_LOSS_LIMIT"),
        ({"max_drawdown": 0.05}, 90, "MAX_DRAWDOWN"),
    ],
)
def test_a_loss_trips_with_the_equity_it_saw(db: Any, risk: Any, close: int, kind: str) -> None:
    desk = open_desk(db, **risk)
    own(desk)
    assert trips(desk) == []
    desk.close(4, ticks=("marketdata",), AAA=close, BBB=50)
    assert last(desk) == (kind, "HALTED")
    evidence = trips(desk)[0]["evidence"]
    assert (evidence["equity_micros"], evidence["peak_micros"], evidence["found"]) == (
        95000 * 10**6, 100000 * 10**6, "RUNNING",
    )  # fmt: skip
    assert desk.broken_promises() == []


@pytest.mark.parametrize(("price", "status"), [(120, "RUNNING"), ("120.01", "HALTED")])
def test_a_market_that_carries_the_leverage_too_far_trips(db: Any, price: Any, status: str) -> None:
    desk = open_desk(db, allow_short=True, halt_leverage=1.5)
    own(desk, -1000)
    # Sold for 100,000 on 100,000: at 120 the short is worth 120,000 on 80,000, 1.5 times the equity.
    desk.close(4, ticks=("marketdata",), AAA=price, BBB=50)
    assert desk.status == status
    if status == "HALTED":
        assert (last(desk)[0], trips(desk)[0]["is_critical"]) == ("LEVERAGE_LIMIT", True)
    assert desk.broken_promises() == []


def test_missing_bars_trip_as_stale_data(db: Any) -> None:
    desk = open_desk(db)
    desk.clock.move_to(close_of(desk.days[2]) + timedelta(hours=1, seconds=1))
    desk.tick("marketdata")
    assert last(desk) == ("STALE_DATA", "HALTED")
    assert {"GAP", "STALE"} <= set(trips(desk)[0]["evidence"]["counts"])


def test_another_position_at_the_broker_trips_as_desync(db: Any) -> None:
    desk = open_desk(db)
    own(desk)
    for _ in range(2):
        desk.clock.move_to(desk.now + timedelta(seconds=10))
        document = {**desk.broker.snapshot(), "positions": []}
        desk.call(
            "io.submit_snapshot", **desk.lease("snapshots"), document=document, now_at=desk.now
        )
    assert last(desk) == ("DESYNC", "HALTED")
    assert trips(desk)[0]["evidence"]["snapshot_seq"] > 0
    desk.tick("gateway")
    assert trips(desk)[0]["flatten"] is None  # never by a machine: the position itself is in doubt


def test_a_message_that_cannot_be_believed_trips_as_desync(db: Any) -> None:
    desk = open_desk(db)
    desk.plan(2, AAA=10)
    name = desk.one("select client_order_id from oms.orders")
    desk.receive(desk.event(name, "fill", broker_order_id="b", qty=10, cum_qty=10, price="1", fee="0",
                            execution_id="x"))  # fmt: skip
    assert last(desk) == ("DESYNC", "HALTED")
    assert trips(desk)[0]["evidence"]["message"]["client_order_id"] == name


def test_silent_workers_trip_as_deadman(db: Any) -> None:
    desk = open_desk(db)
    desk.clock.move_to(desk.now + timedelta(days=11))
    desk.call("io.expire_deadmen", now_at=desk.now)
    assert last(desk) == ("DEADMAN", "HALTED")


class Broken:
    """A broker that answers each submit in one way."""

    def __init__(self, broker: Any, answer: Exception, only: str | None = None) -> None:
        self.broker, self.answer, self.only = broker, answer, only

    def __getattr__(self, name: str) -> Any:
        return getattr(self.broker, name)

    def submit(self, permit: Any) -> str:
        """Raise the answer, or pass on."""
        if self.only in (None, permit["order_type"]):
            raise self.answer
        return str(self.broker.submit(permit))


def test_an_order_in_doubt_trips(db: Any) -> None:
    desk = open_desk(db)
    desk.plan(2, AAA=10)
    desk.ticks["gateway"].broker = Broken(desk.broker, Unsure("timeout"))  # type: ignore[assignment]
    desk.tick("gateway")
    assert last(desk) == ("UNRESOLVED_ORDER", "HALTED")


def test_refused_orders_trip_as_a_storm_and_are_not_answered_by_more(db: Any) -> None:
    desk = open_desk(db, reject_storm={"max_rejects": 2, "window_seconds": 864000})
    own(desk, 10)
    desk.ticks["gateway"].broker = Broken(desk.broker, Refused("no"))  # type: ignore[assignment]
    for n in (4, 5):
        desk.plan(n, AAA=20)
        desk.tick("gateway")
    assert last(desk) == ("REJECT_STORM", "HALTED")
    desk.tick("gateway", "snapshots", "gateway")
    assert (trips(desk)[0]["flatten"], desk.one("select count(*) from oms.orders")) == (None, 3)


def test_a_position_without_its_stop_trips_and_is_closed(db: Any) -> None:
    desk = open_desk(db, {**GIVEN, "protective_stop_bps": 500})
    own(desk, 10)
    no_stops = Broken(desk.broker, Refused("no stops"), "STOP")
    desk.ticks["gateway"].broker = no_stops  # type: ignore[assignment]
    for _ in range(2):
        desk.call("io.plan_stops", **desk.lease("strategist"), now_at=desk.now)
        desk.tick("gateway")
    refuse_all = Broken(desk.broker, Refused("nothing"))
    desk.ticks["gateway"].broker = refuse_all  # type: ignore[assignment]
    for _ in range(2):
        desk.call("io.plan_stops", **desk.lease("strategist"), now_at=desk.now)
        desk.tick("gateway")
    assert last(desk) == ("MISSING_PROTECTIVE_STOP", "HALTED")
    assert trips(desk)[0]["evidence"]["held_qty"] == 10
    desk.ticks["gateway"].broker = desk.broker
    for _ in range(3):
        desk.tick("gateway", "broker_events")
    desk.close(4, ticks=("marketdata", "broker_events"), AAA=100, BBB=50)
    assert desk.value("ledger.get_position_qty", run_id=desk.run_id, symbol="AAA") == 0


def test_a_worker_and_a_person_trip_by_name(db: Any) -> None:
    desk = open_desk(db)
    desk.call("io.halt_run", run_id=desk.run_id, reason="invariant", now_at=desk.now)
    assert last(desk) == ("WORKER", "HALTED")
    desk.act("run_halt", run_id=desk.run_id, reason="fire")
    assert last(desk) == ("MANUAL", "HALTED")
    found = [(t["trip_kind"], t["evidence"]["found"]) for t in trips(desk)]
    assert found == [("MANUAL", "HALTED"), ("WORKER", "RUNNING")]


def test_the_same_reason_is_told_once_a_halt(db: Any) -> None:
    desk = open_desk(db)
    for _ in range(3):
        desk.act("run_halt", run_id=desk.run_id, reason="fire")
    assert len(trips(desk)) == 1
    desk.act("run_clear_halted", run_id=desk.run_id, reason="ok")
    desk.act("run_halt", run_id=desk.run_id, reason="fire")
    assert len(trips(desk)) == 2


def test_a_critical_loss_after_a_persons_halt_still_trips_and_closes(db: Any) -> None:
    desk = open_desk(db, max_drawdown=0.05)
    own(desk)
    desk.act("run_halt", run_id=desk.run_id, reason="lunch")
    desk.close(4, ticks=("marketdata", "broker_events", "snapshots"), AAA=90, BBB=50)
    assert [t["trip_kind"] for t in trips(desk)] == ["MAX_DRAWDOWN", "MANUAL"]
    for _ in range(3):
        desk.tick("gateway", "broker_events")
    desk.close(5, ticks=("marketdata", "broker_events"), AAA=90, BBB=50)
    assert desk.value("ledger.get_position_qty", run_id=desk.run_id, symbol="AAA") == 0
    assert desk.broken_promises() == []


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("evidence = '{}'", "trips_hold_evidence"),
        ("halted_seq = 2", "trips_find_or_make_a_halt"),
        ("trip_kind = 'ODD'", "trips_kind_is_known"),
        ("reason = ''", "trips_say_why"),
        ("trip_seq = 9", "trips_are_told_once_a_halt"),
    ],
)
def test_a_trip_without_evidence_cannot_exist(db: Any, change: str, constraint: str) -> None:
    desk = open_desk(db)
    desk.act("run_halt", run_id=desk.run_id, reason="fire")
    row = {"run_id": "run_id", "trip_seq": "trip_seq + 1", "trip_kind": "trip_kind",
           "halted_seq": "halted_seq", "reason": "'other'", "evidence": "evidence", "actor": "actor",
           "tripped_at": "tripped_at"}  # fmt: skip
    name, value = change.split(" = ")
    row |= {name: value}
    if name == "trip_seq":
        row["reason"] = "reason"
    with pytest.raises(psycopg.errors.IntegrityError) as no:
        desk.sql(f"insert into run.trips ({', '.join(row)}) select {', '.join(row.values())}"
                 " from run.trips")  # fmt: skip
    assert no.value.diag.constraint_name == constraint


def test_a_trip_is_never_rewritten(db: Any) -> None:
    desk = open_desk(db)
    desk.act("run_halt", run_id=desk.run_id, reason="fire")
    for act in ("update run.trips set reason = 'x'", "delete from run.trips",
                "update run.trip_kinds set is_critical = true"):  # fmt: skip
        with pytest.raises(psycopg.Error, match="history is not rewritten"):
            desk.sql(act)
