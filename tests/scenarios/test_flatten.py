"""Laws of flattening: a halted run may still close what it holds, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from kit import GIVEN, Desk
from mqk.brokers import Refused

ALL = ("marketdata", "broker_events", "snapshots")
RISK = {"max_drawdown": 0.05, "daily_loss_limit": 0.9}


@pytest.fixture
def desk(db: Any) -> Iterator[Desk]:
    """A running desk with protective stops 50 % below the close, halted by a drawdown of 5 %."""
    made = Desk(db.url, strategy={**GIVEN, "protective_stop_bps": 5000}, risk=RISK)
    made.start()
    yield made
    assert made.broken_promises() == []
    made.conn.close()


def plan(desk: Desk, **targets: int) -> None:
    """The strategy's decision on the last bar."""
    desk.call("io.plan_intents", **desk.lease("strategist"), targets=targets, now_at=desk.now)


def close(desk: Desk, index: int, price: Any) -> None:
    """Session `index` closes with AAA at this price, and everything but strategy and gateway ticks."""
    desk.close(index, ticks=ALL, AAA=price, BBB=50)


def held(desk: Desk) -> int:
    """Position in AAA."""
    return int(desk.value("ledger.get_position_qty", run_id=desk.run_id, symbol="AAA"))


def own(desk: Desk, shares: int = 500, *, stop: bool = True) -> None:
    """Own AAA, bought at 100; with its stop resting, or not."""
    close(desk, 2, 100)
    plan(desk, AAA=shares)
    desk.tick("gateway")
    close(desk, 3, 100)
    assert held(desk) == shares
    if stop:
        desk.call("io.plan_stops", **desk.lease("strategist"), now_at=desk.now)
        work(desk)
        assert orders(desk)[-1] == ("STOP", -shares, "ACCEPTED")


def work(desk: Desk, times: int = 1) -> None:
    """Let the gateway do what it can, and the broker's events come."""
    for _ in range(times):
        desk.tick("gateway", "broker_events")


def orders(desk: Desk) -> list[tuple[str, int, str]]:
    """Orders at the broker, oldest first."""
    rows = desk.sql(
        "select b.order_type, b.order_qty, b.order_status from sim.orders as b"
        " join oms.outbox as s on s.request_kind = 'SUBMIT' join oms.orders as o using (order_id)"
        " where o.client_order_id = b.client_order_id order by s.outbox_id"
    )
    return [(r["order_type"], r["order_qty"], r["order_status"]) for r in rows]


def trips(desk: Desk) -> list[dict[str, Any]]:
    """What a person sees of the kill switches, newest first."""
    return desk.call("api.risk_trips", run_id=desk.run_id, limit=9)


def fall(desk: Desk, index: int = 4) -> None:
    """AAA falls by a tenth: the drawdown halts the run."""
    close(desk, index, 90)
    assert (desk.status, trips(desk)[0]["trip_kind"]) == ("HALTED", "MAX_DRAWDOWN")


def test_a_drawdown_closes_the_position_after_its_stop_is_out_of_the_way(desk: Desk) -> None:
    own(desk)
    fall(desk)
    work(desk)
    assert orders(desk)[-1] == ("STOP", -500, "ACCEPTED")  # still resting: the cancel is next
    work(desk)
    assert orders(desk)[-1] == ("STOP", -500, "CANCELED")
    work(desk, 4)  # the halt cancels it not
    assert orders(desk)[-1] == ("MARKET", -500, "ACCEPTED")
    close(desk, 5, 90)
    assert held(desk) == 0
    work(desk)
    assert (desk.status, trips(desk)[0]["flatten"]) == ("HALTED", "DONE")
    work(desk, 2)
    assert len(orders(desk)) == 3  # and nothing more
    assert desk.one("select count(*) from audit.events where event_name = 'FLATTENED'") == 1


def test_a_drawdown_only_halts_where_flattening_is_not_wanted(db: Any) -> None:
    made = Desk(db.url, strategy=GIVEN, risk={**RISK, "flatten_on_critical": False})
    made.start()
    own(made, stop=False)
    fall(made)
    work(made, 3)
    assert (held(made), len(orders(made)), trips(made)[0]["flatten"]) == (500, 1, None)
    assert made.broken_promises() == []


@pytest.mark.parametrize("why", ["daily loss", "a person's halt"])
def test_what_is_not_critical_closes_nothing(db: Any, why: str) -> None:
    made = Desk(db.url, strategy=GIVEN, risk={"daily_loss_limit": 0.02})
    made.start()
    own(made, stop=False)
    if why == "daily loss":
        close(made, 4, 90)
        assert trips(made)[0]["trip_kind"] == "DAILY_LOSS_LIMIT"
    else:
        made.act("run_halt", run_id=made.run_id, reason="MAX_DRAWDOWN")
        assert trips(made)[0]["trip_kind"] == "MANUAL"
    work(made, 3)
    assert (made.status, held(made), len(orders(made))) == ("HALTED", 500, 1)


def test_a_person_may_have_everything_closed(desk: Desk) -> None:
    own(desk)
    row = desk.act("run_flatten", run_id=desk.run_id, reason="fire")
    assert (row["outcome"], row["run_status"], row["detail"]) == ("DONE", "HALTED", "flatten asked")
    work(desk, 4)
    close(desk, 4, 100)
    work(desk)
    assert (held(desk), trips(desk)[0]["flatten"]) == (0, "DONE")
    assert desk.act("run_flatten", run_id=desk.run_id, reason="again")["outcome"] == "DONE"
    work(desk, 2)
    assert len(orders(desk)) == 3


def test_a_flatten_needs_a_reason(desk: Desk) -> None:
    row = desk.act("run_flatten", run_id=desk.run_id, reason="")
    assert (row["outcome"], row["error_code"], desk.status) == ("REFUSED", "MQA12", "RUNNING")


def test_positions_in_doubt_are_not_closed_until_a_reconcile_is_clean(desk: Desk) -> None:
    own(desk)
    for _ in range(2):
        desk.clock.move_to(desk.now + timedelta(seconds=10))
        document = {**desk.broker.snapshot(), "positions": []}
        desk.call(
            "io.submit_snapshot", **desk.lease("snapshots"), document=document, now_at=desk.now
        )
    assert trips(desk)[0]["trip_kind"] == "DESYNC"
    row = desk.act("run_flatten", run_id=desk.run_id, reason="fire")
    assert row["detail"].startswith("flatten asked; waits for: RECON: POSITION AAA")
    work(desk, 3)
    assert orders(desk)[-1] == ("STOP", -500, "ACCEPTED")  # the stop rests all the while
    assert trips(desk)[0]["flatten"].startswith("WAITS: RECON: POSITION AAA")
    desk.call("io.claim_notices", run_id=desk.run_id, worker_name="n", now_at=desk.now)
    told = "select count(*) from pager.notices where event_name = 'FLATTEN_WAITS'"
    assert desk.one(told + " and (channel, severity) = ('ALERTS', 'CRITICAL')") == 1
    desk.clock.move_to(desk.now + timedelta(seconds=10))
    desk.tick("snapshots")
    work(desk, 4)
    assert orders(desk)[-1] == ("MARKET", -500, "ACCEPTED")


def test_at_the_end_of_the_calendar_a_flatten_waits_and_says_so(desk: Desk) -> None:
    own(desk)
    with desk.conn.transaction():
        desk.sql("set local session_replication_role = replica")
        desk.sql("delete from ref.sessions where closes_at > %s", desk.now)
    row = desk.act("run_flatten", run_id=desk.run_id, reason="fire")
    assert row["detail"] == "flatten asked; waits for: the session calendar has ended"
    work(desk, 2)
    assert orders(desk)[-1] == ("STOP", -500, "ACCEPTED")  # the stop rests all the while
    holds = desk.call("api.why_all", run_id=desk.run_id, now_at=desk.now)
    flatten = next(h for h in holds if h["gate"] == "flatten")
    assert (flatten["is_open"], flatten["reason"]) == (
        False,
        "waits: the session calendar has ended",
    )


@pytest.mark.parametrize("gate", ["CONTINUITY", "RECON"])
def test_a_proof_that_goes_stale_after_the_claim_stops_the_closing_order(
    db: Any, gate: str
) -> None:
    made = Desk(db.url, strategy=GIVEN, risk=RISK)
    made.start()
    own(made, stop=False)
    made.act("run_flatten", run_id=made.run_id, reason="fire")
    made.tick("gateway")
    lease = made.lease("gateway")
    made.tick("snapshots")
    claimed = made.call("io.claim_outbox", **lease, worker_name="g", limit=9, now_at=made.now)
    row = {"outbox_id": claimed[0]["outbox_id"], "worker_name": "g", "now_at": made.now}
    made.sql("select run.set_gate(run_id, %s, false, 'lost', '{}', %s, %s) from run.runs",
             gate, made.now, made.now)  # fmt: skip
    begun = made.call("io.begin_dispatch", **lease, **row)[0]
    assert (begun["is_granted"], begun["reason"]) == (False, f"{gate}: lost")
    assert made.one("select outbox_status from oms.outbox where lane = 'REDUCING'") == "PENDING"


def test_a_closing_order_that_would_not_reduce_any_more_is_failed_not_sent(db: Any) -> None:
    made = Desk(db.url, strategy=GIVEN, risk=RISK)
    made.start()
    own(made, 400, stop=False)
    name = made.one("select client_order_id from oms.orders")
    made.act("run_flatten", run_id=made.run_id, reason="fire")
    made.tick("gateway", "snapshots")
    lease = made.lease("gateway")
    claimed = made.call("io.claim_outbox", **lease, worker_name="g", limit=9, now_at=made.now)
    executions = made.sql("select execution_id from ledger.fills")
    for fill in executions[:1]:  # the purchase is taken back between claim and dispatch
        bust = {"previous_execution_id": fill["execution_id"], "message_id": "bust"}
        made.receive(made.event(name, "trade_bust", **bust))
    row = {"outbox_id": claimed[0]["outbox_id"], "worker_name": "g", "now_at": made.now}
    begun = made.call("io.begin_dispatch", **lease, **row)[0]
    assert (begun["is_granted"], begun["reason"]) == (False, "it would not reduce the position")
    assert made.one("select count(*) from oms.attempts where lane = 'REDUCING'") == 0


def test_a_cleared_halt_voids_its_flatten(db: Any) -> None:
    made = Desk(db.url, strategy=GIVEN, risk=RISK)
    made.start()
    own(made, stop=False)
    made.act("run_flatten", run_id=made.run_id, reason="fire")
    made.tick("gateway", "snapshots")  # planned, not yet sent
    assert made.one("select count(*) from oms.outbox where lane = 'REDUCING'") == 1
    row = made.act("run_clear_halted", run_id=made.run_id, reason="looked into")
    assert row["outcome"] == "DONE"
    assert made.one("select outbox_status from oms.outbox where lane = 'REDUCING'") == "FAILED"
    work(made, 3)
    assert (held(made), len(orders(made))) == (500, 1)
    assert made.broken_promises() == []


def test_nothing_that_opens_leaves_by_the_reducing_lane(desk: Desk) -> None:
    own(desk, stop=False)
    plan_two = "select oms.enqueue_request(run_id, order_id, 'SUBMIT', null, 'x', %s, %s)"
    close(desk, 4, 100)
    plan(desk, AAA=600)  # enqueued while running, not yet sent
    desk.act("run_flatten", run_id=desk.run_id, reason="fire")
    work(desk, 4)
    assert [o for o in orders(desk) if o[1] == 100] == []
    close(desk, 5, 100)
    work(desk)
    assert held(desk) == 0
    with pytest.raises(psycopg.errors.UniqueViolation):
        desk.sql(plan_two + " from oms.orders", desk.now + timedelta(days=1), desk.now)


@pytest.mark.parametrize(
    ("numbers", "constraint"),
    [
        ({"order_qty": "-501"}, "attempts_that_reduce_lower_the_position"),
        ({"order_qty": "1"}, "attempts_that_reduce_lower_the_position"),
        ({"held_qty": "null"}, "attempts_that_reduce_lower_the_position"),
        ({"sell_qty": "1"}, "attempts_that_reduce_lower_the_position"),
        ({"recon_gate_seq": "null"}, "attempts_that_reduce_saw_proven_positions"),
        ({"flatten_seq": "null"}, "attempts_that_reduce_saw_proven_positions"),
        ({"flatten_seq": "1"}, "attempts_that_reduce_are_asked_for"),
        ({"lane": "'GATED'"}, "attempts_that_submit_saw_every_gate"),
        ({}, None),
    ],
)
def test_an_attempt_that_does_not_reduce_cannot_exist(
    db: Any, numbers: dict[str, str], constraint: str | None
) -> None:
    made = Desk(db.url, strategy=GIVEN, risk=RISK)
    made.start()
    own(made, stop=False)
    made.act("run_flatten", run_id=made.run_id, reason="fire")
    made.tick("gateway")
    outbox_id = made.one("select outbox_id from oms.outbox where lane = 'REDUCING'")
    row = {
        "run_id": "a.run_id", "outbox_id": str(outbox_id), "attempt_no": "1", "request_kind": "'SUBMIT'",
        "lane": "'REDUCING'", "dispatch_seq": "d.seq", "worker_name": "'forged'",
        "continuity_gate_seq": "a.continuity_gate_seq", "recon_gate_seq": "a.recon_gate_seq",
        "gates_expire_at": "'2030-01-01'", "flatten_seq": "f.halted_seq", "order_qty": "-500",
        "held_qty": "500", "buy_qty": "0", "sell_qty": "0", "lease_epoch": "a.lease_epoch",
        "lease_expires_at": "'2030-01-01'", "armed_epoch": "1", "begun_by": "'x'",
        "begun_at": "a.begun_at", "permit_expires_at": "a.begun_at + interval '1 s'",
        "wal_lsn": "'0/0'", "begun_xid": "'1'", **numbers,
    }  # fmt: skip
    forge = (
        f"with d as (select oms.move_outbox(run_id, {outbox_id}, x, 'g', 'x', '2024-01-09') as seq"
        " from run.runs, unnest(array['CLAIMED', 'DISPATCHING']) as x)"
        f" insert into oms.attempts ({', '.join(row)}) select {', '.join(row.values())}"
        " from oms.attempts as a, risk.flattens as f, (select max(seq) as seq from d) as d limit 1"
    )
    with made.conn.transaction(force_rollback=True):
        if constraint is None:
            made.sql(forge)
            return
        with pytest.raises(psycopg.errors.IntegrityError) as no:
            made.sql(forge)
        assert no.value.diag.constraint_name == constraint


class NoMarket:
    """A broker that refuses market orders."""

    def __init__(self, broker: Any) -> None:
        self.broker = broker

    def __getattr__(self, name: str) -> Any:
        return getattr(self.broker, name)

    def submit(self, permit: Mapping[str, Any]) -> str:
        """Refuse."""
        raise Refused("closed for today")


def test_closing_orders_that_the_broker_refuses_end_after_three(db: Any) -> None:
    made = Desk(db.url, strategy=GIVEN, risk=RISK)
    made.start()
    own(made, stop=False)
    made.ticks["gateway"].broker = NoMarket(made.broker)  # type: ignore[assignment]
    made.act("run_flatten", run_id=made.run_id, reason="fire")
    work(made, 12)
    refused = "select count(*) from oms.orders where order_status = 'REJECTED'"
    assert (made.one(refused), trips(made)[0]["flatten"]) == (3, "WAITS: AAA: REFUSED")
    assert made.broken_promises() == []


def test_a_target_that_waited_is_dropped_by_a_flatten(desk: Desk) -> None:
    own(desk)
    close(desk, 4, 100)
    plan(desk, AAA=600)  # waits for the stop to make way
    assert desk.one("select outcome from oms.deferrals") == "WAITING"
    desk.act("run_flatten", run_id=desk.run_id, reason="fire")
    work(desk, 5)
    assert desk.one("select outcome from oms.deferrals") == "DROPPED"
    close(desk, 5, 100)
    assert held(desk) == 0


def test_a_short_position_is_bought_back(db: Any) -> None:
    made = Desk(db.url, strategy=GIVEN, risk={**RISK, "allow_short": True})
    made.start()
    own(made, -500, stop=False)
    close(made, 4, 110)
    assert trips(made)[0]["trip_kind"] == "MAX_DRAWDOWN"
    work(made, 2)
    close(made, 5, 110)
    work(made)
    assert (held(made), trips(made)[0]["flatten"]) == (0, "DONE")
    assert made.broken_promises() == []


def test_a_bust_at_the_instant_of_a_closing_order_breaks_no_promise(db: Any) -> None:
    """Found by mqk simulate, seed 6281: the shares of that instant were counted as if all came before."""
    made = Desk(db.url, strategy=GIVEN, risk=RISK)
    made.start()
    own(made, stop=False)
    bought = made.sql("select client_order_id, execution_id from ledger.fills")[0]
    made.act("run_flatten", run_id=made.run_id, reason="fire")
    made.tick("gateway")
    made.tick("gateway")
    assert orders(made)[-1][:2] == ("MARKET", -500)
    gone = {"previous_execution_id": bought["execution_id"], "execution_id": "bust", "cum_qty": 0}
    made.receive(made.event(bought["client_order_id"], "trade_bust", qty=500, price=100, **gone))
    assert held(made) == 0
    begun, booked = made.sql(
        "select (select max(begun_at) from oms.attempts) as a, max(booked_at) as b from ledger.entries"
    )[0].values()
    assert begun == booked
    assert made.broken_promises() == []
