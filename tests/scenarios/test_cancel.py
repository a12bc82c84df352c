"""Laws of cancelling, and of requests that the broker did not take: through the real gateway."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from kit import Desk
from mqk.brokers import NotSent, Refused, Unauthorized, Unsure
from mqk.errors import MqkError


class Flaky:
    """A broker that raises what it was told to, then works; counts what reaches it."""

    def __init__(self, broker: Any, *faults: Exception) -> None:
        self.broker, self.faults = broker, list(faults)
        self.submitted: list[str] = []
        self.cancelled: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.broker, name)

    def submit(self, permit: Mapping[str, Any]) -> str:
        """Fail, or pass on."""
        if self.faults:
            raise self.faults.pop(0)
        self.submitted.append(permit["client_order_id"])
        return str(self.broker.submit(permit))

    def cancel(self, broker_order_id: str) -> None:
        """Fail, or pass on."""
        if self.faults:
            raise self.faults.pop(0)
        self.cancelled.append(broker_order_id)
        self.broker.cancel(broker_order_id)


def planned(desk: Desk) -> str:
    """An order for 10 AAA that has not been sent."""
    return str(desk.plan(2, AAA=10)[0]["client_order_id"])


def working(desk: Desk, *faults: Exception) -> tuple[str, Flaky]:
    """An order for 10 AAA that works at the broker, and the broker for what comes next."""
    name = planned(desk)
    desk.tick("gateway", "broker_events")
    return name, flaky(desk, *faults)


def flaky(desk: Desk, *faults: Exception) -> Flaky:
    """Put a broker with these faults between the gateway and the paper broker."""
    broker = Flaky(desk.broker, *faults)
    desk.ticks["gateway"].broker = broker
    return broker


def cancel(desk: Desk, name: str) -> dict[str, Any]:
    """The operator's wish."""
    return desk.act("orders_cancel", client_order_id=name, reason="changed my mind")


def order(desk: Desk) -> tuple[str, str]:
    """Status and pending request of the only order."""
    row = desk.sql("select order_status, pending_op from oms.orders")[0]
    return row["order_status"], row["pending_op"]


def requests(desk: Desk) -> list[str]:
    """The outbox, as kind and status."""
    rows = desk.sql("select request_kind, outbox_status from oms.outbox order by outbox_id")
    return [f"{row['request_kind']} {row['outbox_status']}" for row in rows]


def test_a_cancel_is_done_when_the_broker_says_so(given_desk: Desk) -> None:
    name, broker = working(given_desk)
    assert cancel(given_desk, name)["outcome"] == "DONE"
    assert order(given_desk) == ("ACCEPTED", "CANCEL_REQUESTED")
    given_desk.tick("gateway")
    assert broker.cancelled == [given_desk.broker.find(name)]
    assert order(given_desk) == ("ACCEPTED", "CANCEL_REQUESTED")
    given_desk.tick("broker_events")
    assert order(given_desk) == ("CANCELED", "NONE")
    assert requests(given_desk) == ["SUBMIT ACKED", "CANCEL ACKED"]
    assert given_desk.broken_promises() == []


def test_an_order_that_was_never_sent_is_cancelled_here(given_desk: Desk) -> None:
    cancel(given_desk, planned(given_desk))
    broker = flaky(given_desk)
    given_desk.tick("gateway")
    assert (order(given_desk), broker.submitted, broker.cancelled) == (("CANCELED", "NONE"), [], [])
    assert requests(given_desk) == ["SUBMIT FAILED"]


def test_a_second_wish_while_the_first_is_under_way_changes_nothing(given_desk: Desk) -> None:
    name, _ = working(given_desk)
    cancel(given_desk, name)
    cancel(given_desk, name)
    assert requests(given_desk) == ["SUBMIT ACKED", "CANCEL PENDING"]
    with pytest.raises(psycopg.errors.UniqueViolation):
        given_desk.sql(
            "insert into oms.outbox (run_id, order_id, request_kind, lane, outbox_status,"
            " status_seq, expires_at, enqueued_at) select run_id, order_id, 'CANCEL', 'GATED',"
            " 'PENDING', 1, expires_at,"
            " enqueued_at from oms.outbox limit 1"
        )


def test_the_cancel_of_an_ended_order_asks_nothing(given_desk: Desk) -> None:
    name, _ = working(given_desk)
    cancel(given_desk, name)
    given_desk.tick("gateway", "broker_events")
    row = cancel(given_desk, name)
    assert (row["outcome"], row["detail"]) == ("DONE", f"{name}: ENDED")
    assert len(requests(given_desk)) == 2


def test_the_cancel_of_an_order_that_is_not_ours_is_refused(given_desk: Desk) -> None:
    row = cancel(given_desk, "somebody-elses")
    assert (row["outcome"], row["error_code"]) == ("REFUSED", "MQN09")


def test_a_refused_cancel_ends_nothing_and_counts_no_reject(given_desk: Desk) -> None:
    name, _ = working(given_desk, Refused("422 order is not cancelable"))
    cancel(given_desk, name)
    given_desk.tick("gateway")
    assert order(given_desk) == ("ACCEPTED", "NONE")
    assert requests(given_desk) == ["SUBMIT ACKED", "CANCEL FAILED"]
    assert given_desk.one("select count(*) from risk.rejects") == 0


def test_a_cancel_in_doubt_is_asked_again_and_halts_nothing(given_desk: Desk) -> None:
    name, broker = working(given_desk, Unsure("timeout"))
    cancel(given_desk, name)
    given_desk.tick("gateway")
    assert (requests(given_desk)[1], given_desk.status) == ("CANCEL PENDING", "RUNNING")
    given_desk.tick("gateway", "broker_events")
    assert (order(given_desk), len(broker.cancelled)) == (("CANCELED", "NONE"), 1)


def test_a_cancel_that_the_broker_rejects_later_leaves_the_order_working(given_desk: Desk) -> None:
    name, _ = working(given_desk)
    given_desk.ticks["gateway"].broker = type("Deaf", (Flaky,), {"cancel": lambda *_: None})(
        given_desk.broker
    )
    cancel(given_desk, name)
    given_desk.tick("gateway")
    given_desk.receive(given_desk.event(name, "order_cancel_rejected", execution_id="r1"))
    assert order(given_desk) == ("ACCEPTED", "NONE")
    assert requests(given_desk)[1] == "CANCEL FAILED"
    cancel(given_desk, name)
    assert requests(given_desk)[2] == "CANCEL PENDING"


def one_working_one_waiting(desk: Desk) -> tuple[str, Flaky]:
    """An order for AAA that works; one for BBB that the broker did not take, so it waits."""
    desk.plan(2, AAA=10, BBB=5)
    broker = flaky(desk, NotSent("busy"))
    desk.tick("gateway", "broker_events")
    assert requests(desk) == ["SUBMIT PENDING", "SUBMIT ACKED"]
    broker.submitted.clear()
    name = desk.one("select client_order_id from oms.orders where symbol = 'AAA'")
    return str(name), broker


def test_a_cancel_passes_shut_gates_and_a_submit_does_not(given_desk: Desk) -> None:
    name, broker = one_working_one_waiting(given_desk)
    given_desk.sql("update run.gates set expires_at = observed_at where gate = 'RISK'")
    cancel(given_desk, name)
    given_desk.tick("gateway")
    assert (len(broker.cancelled), broker.submitted) == (1, [])


def test_a_halt_asks_for_the_end_of_every_open_order_once(given_desk: Desk) -> None:
    _, broker = working(given_desk)
    given_desk.ticks["gateway"].broker = type("Deaf", (Flaky,), {"cancel": lambda *_: None})(broker)
    given_desk.act("run_halt", run_id=given_desk.run_id, reason="fire")
    for _ in range(3):
        given_desk.tick("gateway")
        given_desk.clock.move_to(given_desk.now + timedelta(seconds=20))
    assert requests(given_desk) == ["SUBMIT ACKED", "CANCEL SENT"]


@pytest.mark.parametrize(("seconds", "asked"), [(1, 1), (2, 2), (16, 2), (17, 3), (900, 3)])
def test_a_halt_asks_again_when_the_broker_refuses_to_end_an_order(
    given_desk: Desk, seconds: int, asked: int
) -> None:
    """Found by mqk simulate, seed 1027: one refusal, and the order worked on in a halted desk."""
    name, _ = working(given_desk, *[Refused("not now")] * 9)
    given_desk.act("run_halt", run_id=given_desk.run_id, reason="fire")
    given_desk.tick("gateway")
    start = given_desk.now
    for after in (2, 17, 60, 900):
        given_desk.clock.move_to(start + timedelta(seconds=min(after, seconds)))
        given_desk.tick("gateway")
    assert requests(given_desk) == ["SUBMIT ACKED", *["CANCEL FAILED"] * asked]
    told = given_desk.sql("select payload from audit.events where event_name = 'CANCEL_GIVEN_UP'")
    holds = [
        row["reason"]
        for row in given_desk.call("api.why_all", run_id=given_desk.run_id, now_at=given_desk.now)
        if row["gate"] == "orders of a halt"
    ]
    assert [row["payload"]["client_order_id"] for row in told] == [name] * (asked == 3)
    assert holds == [f"the broker refused three times to end {name}"] * (asked == 3)
    assert given_desk.broken_promises() == []


def test_a_halt_that_the_broker_answers_at_the_second_time_leaves_no_order(
    given_desk: Desk,
) -> None:
    _, broker = working(given_desk, Refused("not now"))
    given_desk.act("run_halt", run_id=given_desk.run_id, reason="fire")
    given_desk.tick("gateway")
    given_desk.clock.move_to(given_desk.now + timedelta(seconds=2))
    given_desk.tick("gateway", "broker_events")
    assert (order(given_desk), len(broker.cancelled)) == (("CANCELED", "NONE"), 1)


def test_a_halted_run_cancels_and_submits_nothing(given_desk: Desk) -> None:
    _, broker = one_working_one_waiting(given_desk)
    given_desk.act("run_halt", run_id=given_desk.run_id, reason="fire")
    given_desk.tick("gateway")
    assert (len(broker.cancelled), broker.submitted) == (1, [])


@pytest.mark.parametrize(
    ("target", "then"), [(0, ["CANCEL PENDING"]), (-5, ["CANCEL PENDING"]), (9, []), (10, [])]
)
def test_a_target_that_no_longer_wants_an_open_order_cancels_it(
    given_desk: Desk, target: int, then: list[str]
) -> None:
    working(given_desk)
    given_desk.close(3, ticks=("marketdata",), AAA=100, BBB=50)
    lease = given_desk.lease("strategist")
    decided = {**lease, "targets": {"AAA": target}, "now_at": given_desk.now}
    assert given_desk.call("io.plan_intents", **decided) == []
    assert requests(given_desk) == ["SUBMIT ACKED", *then]


def test_all_open_orders_of_a_run_can_be_cancelled_at_once(given_desk: Desk) -> None:
    given_desk.plan(2, AAA=10, BBB=10)
    given_desk.tick("gateway", "broker_events")
    given_desk.act("orders_cancel_all", run_id=given_desk.run_id, reason="going home")
    given_desk.tick("gateway", "broker_events")
    states = given_desk.sql("select order_status from oms.orders")
    assert ([s["order_status"] for s in states], given_desk.status) == (["CANCELED"] * 2, "RUNNING")


def held(desk: Desk) -> datetime:
    """An instant for which the broker asked us to wait."""
    return desk.now + timedelta(seconds=30)


def test_a_request_that_was_never_taken_goes_out_again_under_the_same_name(
    given_desk: Desk,
) -> None:
    name = planned(given_desk)
    broker = flaky(given_desk, NotSent("no route to host"))
    given_desk.tick("gateway")
    assert (requests(given_desk), given_desk.status) == (["SUBMIT PENDING"], "RUNNING")
    given_desk.tick("gateway")
    assert broker.submitted == [name]
    proof = given_desk.sql("select proof_kind, evidence from oms.absence_proofs")[0]
    assert proof == {"proof_kind": "NOT_TAKEN", "evidence": "no route to host"}
    assert given_desk.broken_promises() == []


@pytest.mark.parametrize(("seconds", "sent"), [(29, 0), (30, 1)])
def test_nothing_goes_out_before_the_brokers_own_time(
    given_desk: Desk, seconds: int, sent: int
) -> None:
    planned(given_desk)
    broker = flaky(given_desk, NotSent("429", held(given_desk)))
    given_desk.tick("gateway")
    given_desk.clock.move_to(given_desk.now + timedelta(seconds=seconds))
    given_desk.tick("gateway")
    assert len(broker.submitted) == sent


def test_keys_that_the_broker_refuses_halt_and_are_not_tried_again(given_desk: Desk) -> None:
    planned(given_desk)
    broker = flaky(given_desk, Unauthorized("401"))
    with pytest.raises(MqkError, match="MQG21"):
        given_desk.tick("gateway")
    given_desk.tick("gateway")
    assert given_desk.halt_reason.startswith("worker: KEYS_REFUSED")
    assert (broker.submitted, requests(given_desk)) == ([], ["SUBMIT PENDING"])


@pytest.mark.parametrize("way", ["given back by the broker", "proven absent"])
def test_an_order_that_is_cancelled_while_in_doubt_is_never_sent_again(
    given_desk: Desk, way: str
) -> None:
    """Found by mqk simulate, seed 35: it went out once more, or left a cancel that waited for ever."""
    name = planned(given_desk)
    lost = way == "proven absent"
    broker = flaky(given_desk, Unsure("no answer") if lost else NotSent("busy"))

    class Late:
        """A broker that a person's cancel overtakes."""

        def __getattr__(self, what: str) -> Any:
            return getattr(broker, what)

        def submit(self, permit: Mapping[str, Any]) -> str:
            """The person is quicker than the answer."""
            cancel(given_desk, name)
            return broker.submit(permit)

    given_desk.ticks["gateway"].broker = Late()  # type: ignore[assignment]
    given_desk.tick("gateway")
    for _ in range(4 if lost else 0):
        given_desk.clock.move_to(given_desk.now + timedelta(seconds=11))
        given_desk.tick("gateway")
    assert order(given_desk) == ("CANCELED", "NONE")
    assert requests(given_desk) == ["SUBMIT FAILED", "CANCEL FAILED"]
    assert broker.submitted == []
    assert given_desk.broken_promises() == []
