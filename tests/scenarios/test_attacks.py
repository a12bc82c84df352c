"""Laws that a hostile reader found unkept: closing orders on books that somebody had contradicted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from kit import GIVEN, Desk
from mqk.brokers import Refused
from mqk.errors import MqkError

ALL = ("marketdata", "broker_events", "snapshots")
RISK = {"max_drawdown": 0.05, "daily_loss_limit": 0.9}


@pytest.fixture
def desk(db: Any) -> Iterator[Desk]:
    """A running desk that owns 500 AAA, its stop resting at the broker."""
    made = Desk(db.url, strategy={**GIVEN, "protective_stop_bps": 5000}, risk=RISK)
    made.start()
    made.close(2, ticks=ALL, AAA=100, BBB=50)
    made.call("io.plan_intents", **made.lease("strategist"), targets={"AAA": 500}, now_at=made.now)
    made.tick("gateway")
    made.close(3, ticks=ALL, AAA=100, BBB=50)
    made.call("io.plan_stops", **made.lease("strategist"), now_at=made.now)
    made.tick("gateway", "broker_events")
    yield made
    assert made.broken_promises() == []
    made.conn.close()


def stop(desk: Desk) -> str:
    """Name of the resting stop."""
    return str(desk.one("select client_order_id from oms.orders where order_type = 'STOP'"))


def closing(desk: Desk) -> int:
    """Closing orders that may leave or have left the house."""
    return int(desk.one("select count(*) from oms.outbox where lane = 'REDUCING'"))


def flatten(desk: Desk) -> None:
    """A person asks for everything to be closed."""
    assert desk.act("run_flatten", run_id=desk.run_id, reason="fire")["outcome"] == "DONE"


def snapshot(desk: Desk, **fields: Any) -> str:
    """Submit what the broker shows, with these fields instead; give the verdict."""
    desk.clock.move_to(desk.now + timedelta(seconds=10))
    document = {**desk.broker.snapshot(), **fields}
    lease = desk.lease("snapshots")
    return str(
        desk.call("io.submit_snapshot", **lease, document=document, now_at=desk.now)[0]["verdict"]
    )


def test_an_order_that_misses_a_fill_shuts_continuity_in_the_same_transaction(desk: Desk) -> None:
    flatten(desk)
    desk.receive(desk.event(stop(desk), "canceled", cum_qty=200))
    assert desk.one("select gap_qty from oms.orders where order_type = 'STOP'") == 200
    desk.tick("gateway")
    assert closing(desk) == 0


def test_a_fill_that_shows_another_position_forbids_closing_until_a_later_snapshot_agrees(
    desk: Desk,
) -> None:
    name = desk.one("select client_order_id from oms.orders where order_type = 'MARKET'")
    fill = {
        "message_id": "odd", "execution_id": "odd", "qty": 1, "price": "100", "fee": "0", "cum_qty": 501,
    }  # fmt: skip
    desk.receive(desk.event(name, "fill", **fill, position_qty=1))
    flatten(desk)
    for _ in range(4):
        desk.tick("gateway", "broker_events")
    waits = desk.one("select waits_for from risk.flattens")
    assert (closing(desk), waits.split(":")[0]) == (0, "no snapshot agrees since POSITION_DIFFERS")
    desk.receive(desk.event(name, "trade_bust", message_id="b", previous_execution_id="odd"))
    assert snapshot(desk) == "CLEAN"
    for _ in range(4):
        desk.tick("gateway", "broker_events")
    assert closing(desk) == 1


def test_the_first_snapshot_that_disagrees_on_shares_stops_a_flatten(desk: Desk) -> None:
    flatten(desk)
    assert snapshot(desk, positions=[]) == "PENDING"
    for _ in range(4):
        desk.tick("gateway", "broker_events")
    assert closing(desk) == 0
    assert snapshot(desk) == "CLEAN"
    for _ in range(4):
        desk.tick("gateway", "broker_events")
    assert closing(desk) == 1


def test_a_running_run_trades_on_while_a_difference_may_be_in_flight(desk: Desk) -> None:
    assert snapshot(desk, positions=[]) == "PENDING"
    expires_at = desk.one("select expires_at from run.gates where gate = 'RECON'")
    assert (desk.status, expires_at > desk.now) == ("RUNNING", True)


class Cancels:
    """A broker that takes each market order and cancels it at once."""

    def __init__(self, broker: Any) -> None:
        self.broker = broker

    def __getattr__(self, name: str) -> Any:
        return getattr(self.broker, name)

    def submit(self, permit: Any) -> str:
        """Take it, and end it."""
        broker_order_id = str(self.broker.submit(permit))
        self.broker.cancel(broker_order_id)
        return broker_order_id


def test_closing_orders_that_the_broker_ends_unfilled_end_after_three(desk: Desk) -> None:
    desk.ticks["gateway"].broker = Cancels(desk.broker)  # type: ignore[assignment]
    flatten(desk)
    for _ in range(16):
        desk.tick("gateway", "broker_events")
    assert closing(desk) == 3
    assert desk.one("select waits_for from risk.flattens") == "AAA: REFUSED"


class NeverCancels(Cancels):
    """A broker that refuses each cancel."""

    def submit(self, permit: Any) -> str:
        """Take it."""
        return str(self.broker.submit(permit))

    def cancel(self, broker_order_id: str) -> None:
        """Refuse."""
        raise Refused("not now")


def test_a_flatten_that_cannot_end_an_order_says_so(desk: Desk) -> None:
    desk.ticks["gateway"].broker = NeverCancels(desk.broker)  # type: ignore[assignment]
    flatten(desk)
    for _ in range(12):
        desk.tick("gateway", "broker_events")
    cancels = desk.one("select count(*) from oms.outbox where request_kind = 'CANCEL'")
    assert (cancels, closing(desk)) == (3, 0)
    assert desk.one("select waits_for from risk.flattens") == "AAA: STUCK"


def test_a_permit_is_refused_when_the_position_went_after_the_attempt(desk: Desk) -> None:
    flatten(desk)
    for _ in range(2):
        desk.tick("gateway", "broker_events")
    desk.tick("gateway")
    lease = desk.lease("gateway")
    claimed = desk.call("io.claim_outbox", **lease, worker_name="g", limit=9, now_at=desk.now)
    row = {**lease, "outbox_id": claimed[0]["outbox_id"], "now_at": desk.now}
    begun = desk.call("io.begin_dispatch", **row, worker_name="g")[0]
    assert begun["is_granted"]
    name = desk.one("select client_order_id from oms.orders where order_type = 'MARKET'")
    desk.clock.move_to(desk.now + timedelta(milliseconds=1))
    filled = desk.one("select execution_id from ledger.fills")
    desk.receive(desk.event(name, "trade_bust", message_id="b", previous_execution_id=filled))
    with pytest.raises(MqkError, match=r"MQG02: .*would not reduce"):
        desk.call("io.get_permit", **row, attempt_no=begun["attempt_no"])


@pytest.mark.parametrize(
    ("used", "remaining", "seconds", "free"),
    [
        (119, None, 59, True),
        (120, None, 59, False),
        (120, None, 60, True),
        (0, 31, 59, True),
        (0, 30, 59, False),
    ],
)
def test_why_and_the_request_budget_say_the_same(
    desk: Desk, used: int, remaining: int | None, seconds: int, free: bool
) -> None:
    now = desk.now + timedelta(minutes=5)
    desk.call("io.take_budget", run_id=desk.run_id, purpose="READ", now_at=now)
    spent = "update oms.budgets set window_started_at = %s, used = %s, remaining = %s"
    desk.sql(spent, now, used, remaining)
    desk.clock.move_to(now + timedelta(seconds=seconds))
    holds = desk.call("api.why_all", run_id=desk.run_id, now_at=desk.now)
    why = {h["gate"]: h["is_open"] for h in holds}
    taken = desk.call("io.take_budget", run_id=desk.run_id, purpose="SUBMIT", now_at=desk.now)[0]
    assert (why["request budget"], taken["is_granted"]) == (free, free)


def test_a_halt_is_not_lost_to_text_that_postgres_cannot_hold(desk: Desk) -> None:
    row = desk.act("run_halt", run_id=desk.run_id, reason="caf\udce9\0")
    assert (row["outcome"], desk.status, desk.halt_reason) == ("DONE", "HALTED", "caf??")
