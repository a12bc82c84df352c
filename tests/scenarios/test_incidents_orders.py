"""What others lost with orders and fills cannot happen here: one law an incident, by its thread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from kit import Desk
from mqk.brokers import Refused, Unsure
from mqk.errors import MqkError
from mqk.worker import Tick


class Faulty:
    """A broker that takes the order, or not, and then answers as a test says."""

    def __init__(self, broker: Any, fault: Exception | None = None, *, takes: bool = True) -> None:
        self.broker, self.fault, self.takes = broker, fault, takes
        self.sent: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.broker, name)

    def submit(self, permit: Mapping[str, Any]) -> str:
        """Count, pass on or not, answer or not."""
        self.sent.append(permit["client_order_id"])
        given = str(self.broker.submit(permit)) if self.takes else ""
        if self.fault:
            raise self.fault
        return given


def planned(desk: Desk, **targets: int) -> str:
    """An order that waits in the outbox (10 AAA unless told otherwise); give its name."""
    return str(desk.plan(2, **(targets or {"AAA": 10}))[0]["client_order_id"])


def working(desk: Desk) -> str:
    """An order that works at the broker."""
    name = planned(desk)
    desk.tick("gateway", "broker_events")
    return name


def fill(desk: Desk, name: str, qty: int, cum: int, **fields: Any) -> dict[str, Any]:
    """An execution at 100 dollars."""
    fields = {"execution_id": f"x{cum}", "price": "100", "fee": "0", **fields}
    return desk.event(name, "partial_fill", qty=qty, cum_qty=cum, **fields)


def restart(desk: Desk, kind: str = "gateway") -> None:
    """Another process takes over a worker: new token, nothing remembered."""
    old = desk.ticks[kind]
    desk.ticks[kind] = Tick(
        desk.conn, desk.run, kind, old.name, desk.clock, old.broker, old.wires, token="reborn"
    )
    desk.sql("update run.leases set expires_at = renewed_at where worker_kind = %s", kind)


def held(desk: Desk) -> int:
    """Position in AAA."""
    return int(desk.value("ledger.get_position_qty", run_id=desk.run_id, symbol="AAA"))


def outbox(desk: Desk) -> str:
    """Status of the only request."""
    return str(desk.one("select outbox_status from oms.outbox"))


def test_incident_n3_a_restart_sends_no_order_again(given_desk: Desk) -> None:
    planned(given_desk)
    broker = given_desk.ticks["gateway"].broker = Faulty(given_desk.broker)
    given_desk.tick("gateway")
    restart(given_desk)
    given_desk.tick("gateway", "gateway")
    assert len(broker.sent) == 1


def test_incident_n4_fills_that_are_played_again_at_a_restart_change_nothing(
    given_desk: Desk,
) -> None:
    name = working(given_desk)
    told = [fill(given_desk, name, 4, 4), fill(given_desk, name, 6, 10)]
    given_desk.receive(*told)
    restart(given_desk, "broker_events")
    again = [{**message, "message_id": f"replay:{message['message_id']}"} for message in told]
    assert given_desk.receive(*told, *again) == ["DUPLICATE"] * 4
    assert held(given_desk) == 10


def test_incident_n5_what_was_ordered_can_be_read_back_as_it_was(given_desk: Desk) -> None:
    name = working(given_desk)
    row = given_desk.call("api.orders_list", run_id=given_desk.run_id)[0]
    shown = given_desk.broker.orders()[0]
    assert (row["client_order_id"], row["symbol"], row["order_qty"]) == (name, "AAA", 10)
    assert (shown["client_order_id"], shown["qty"]) == (name, "10")
    assert row["broker_order_id"] == shown["broker_order_id"]


def test_incident_n8_a_fill_whose_booking_fails_is_not_known_as_seen(given_desk: Desk) -> None:
    name = working(given_desk)
    message = fill(given_desk, name, 10, 10)
    with pytest.raises(RuntimeError), given_desk.conn.transaction():
        given_desk.receive(message)
        raise RuntimeError("the worker dies before the commit")
    assert (held(given_desk), given_desk.receive(message)) == (0, ["APPLIED"])
    assert held(given_desk) == 10


def test_incident_n10_an_order_that_was_accepted_is_not_tried_again(given_desk: Desk) -> None:
    planned(given_desk)
    broker = given_desk.ticks["gateway"].broker = Faulty(given_desk.broker, Unsure("timeout"))
    given_desk.tick("gateway", "gateway", "gateway")
    assert (len(broker.sent), outbox(given_desk), given_desk.status) == (1, "SENT", "HALTED")


def test_incident_l1_fills_during_a_disconnect_are_recovered(given_desk: Desk) -> None:
    planned(given_desk)
    given_desk.tick("gateway")
    given_desk.close(3, ticks=("marketdata",), AAA=100, BBB=50)
    assert held(given_desk) == 0  # nobody listened while the market filled it
    restart(given_desk, "broker_events")
    given_desk.tick("broker_events")
    assert held(given_desk) == 10


def test_incident_l4_executions_that_are_replayed_three_times_are_booked_once(
    given_desk: Desk,
) -> None:
    name = working(given_desk)
    for turn in range(3):
        given_desk.receive(
            given_desk.event(name, "new", message_id=f"new:{turn}"),
            fill(given_desk, name, 10, 10, message_id=f"fill:{turn}"),
        )
    assert given_desk.one("select count(*) from ledger.fills") == 1
    assert (held(given_desk), given_desk.status) == (10, "RUNNING")


def test_incident_l6_no_order_goes_out_before_the_stream_is_ready(given_desk: Desk) -> None:
    planned(given_desk)
    given_desk.sql("delete from run.gates where gate = 'CONTINUITY'")
    given_desk.tick("gateway")
    assert (given_desk.broker.orders(), outbox(given_desk)) == ([], "PENDING")


def test_incident_l7_frames_that_a_healthy_stream_leaves_out_are_seen_and_asked_for(
    given_desk: Desk,
) -> None:
    name = working(given_desk)
    given_desk.receive(fill(given_desk, name, 3, 10))
    assert given_desk.one("select gap_qty from oms.orders") == 7
    missing = given_desk.call(
        "io.set_continuity", **given_desk.lease("broker_events"), continuity="LIVE",
        reason="it says so", now_at=given_desk.now,
    )  # fmt: skip
    assert [row["gap_qty"] for row in missing] == [7]


def test_incident_l8_why_an_order_was_given_survives_every_restart(given_desk: Desk) -> None:
    name = working(given_desk)
    steps = given_desk.call("api.explain_all", name=name)
    assert {"intent", "verdict", "outbox"} <= {row["step"] for row in steps}
    intent = next(row for row in steps if row["step"] == "intent")
    assert "given on bar" in intent["detail"]


def test_incident_l10_two_fills_alike_are_two_and_one_fill_told_twice_is_one(
    given_desk: Desk,
) -> None:
    name = working(given_desk)
    one, two = fill(given_desk, name, 5, 5), fill(given_desk, name, 5, 10)
    assert given_desk.receive(one, two, {**one, "message_id": "again"}) == [
        "APPLIED",
        "APPLIED",
        "DUPLICATE",
    ]
    assert held(given_desk) == 10


def test_incident_f1_an_order_is_on_disk_under_its_name_before_it_is_sent(given_desk: Desk) -> None:
    name = planned(given_desk)

    class Watching(Faulty):
        def submit(self, permit: Mapping[str, Any]) -> str:
            found = given_desk.one(
                "select count(*) from oms.orders join oms.outbox using (run_id, order_id)"
                " join oms.attempts using (run_id, outbox_id) join oms.permits"
                " using (run_id, outbox_id, attempt_no) where client_order_id = %s", name
            )  # fmt: skip
            assert found == 1
            return super().submit(permit)

    given_desk.ticks["gateway"].broker = Watching(given_desk.broker)
    given_desk.tick("gateway")
    assert outbox(given_desk) == "SENT"


def test_incident_f3_the_cancel_of_an_order_that_is_gone_ends_and_loops_nowhere(
    given_desk: Desk,
) -> None:
    class Gone(Faulty):
        asked = 0

        def cancel(self, _: str) -> None:
            Gone.asked += 1
            raise Refused("404 order not found")

    name = working(given_desk)
    given_desk.ticks["gateway"].broker = Gone(given_desk.broker)
    given_desk.act("orders_cancel", client_order_id=name, reason="stop")
    given_desk.tick("gateway", "gateway", "gateway")
    assert (Gone.asked, given_desk.status) == (1, "RUNNING")


def test_incident_f7_a_start_without_the_brokers_answer_leaves_the_order_in_doubt(
    given_desk: Desk,
) -> None:
    class Silent(Faulty):
        def find(self, _: str) -> str | None:
            raise Unsure("timeout")

    planned(given_desk)
    given_desk.ticks["gateway"].broker = Silent(given_desk.broker, Unsure("timeout"))
    given_desk.tick("gateway")
    restart(given_desk)
    given_desk.tick("gateway", "gateway")
    assert (outbox(given_desk), given_desk.status) == ("AMBIGUOUS", "HALTED")


def test_incident_f12_the_same_wish_twice_makes_one_order(given_desk: Desk) -> None:
    planned(given_desk)
    lease = given_desk.lease("strategist")
    again = {**lease, "targets": {"AAA": 10}, "now_at": given_desk.now}
    assert given_desk.call("io.plan_intents", **again) == []
    assert given_desk.one("select count(*) from oms.orders") == 1


def test_incident_h2_a_trade_of_before_the_restart_is_not_booked_again(given_desk: Desk) -> None:
    name = working(given_desk)
    given_desk.receive(fill(given_desk, name, 10, 10))
    told_by_rest = fill(given_desk, name, 10, 10, message_id="rest", execution_id="activity-1")
    assert given_desk.receive(told_by_rest) == ["DUPLICATE"]
    assert held(given_desk) == 10


def test_incident_a4_two_orders_never_share_a_name(given_desk: Desk) -> None:
    given_desk.plan(2, AAA=10, BBB=10)
    names = [row["client_order_id"] for row in given_desk.sql("select * from oms.orders")]
    assert len(set(names)) == 2 and all(name.startswith("TEST_") for name in names)


@pytest.mark.parametrize("turn", [1, -1])
def test_incident_a5_fills_need_no_order_of_arrival_and_count_what_is_theirs(
    given_desk: Desk, turn: int
) -> None:
    name = working(given_desk)
    given_desk.receive(
        *[fill(given_desk, name, q, c) for q, c in ((1, 1), (2, 3), (7, 10))][::turn]
    )
    assert (held(given_desk), given_desk.one("select cum_qty from oms.orders")) == (10, 10)


def test_incident_a5_an_order_that_is_filled_and_canceled_is_filled(given_desk: Desk) -> None:
    name = working(given_desk)
    given_desk.receive(given_desk.event(name, "canceled"), fill(given_desk, name, 10, 10))
    assert given_desk.one("select order_status from oms.orders") == "FILLED"


def test_incident_a8_what_was_booked_is_not_booked_by_another_run_either(given_desk: Desk) -> None:
    name = working(given_desk)
    given_desk.receive(fill(given_desk, name, 10, 10))
    copy = {
        **{"account_id": "PAPER-TEST-0001", "execution_id": "x10", "client_order_id": name},
        **{"symbol": "AAA", "fill_qty": 10, "price_micros": 1, "fee_micros": 0, "is_late": False},
        **{"corrects_seq": None, "executed_at": given_desk.now, "now_at": given_desk.now},
    }
    with pytest.raises(MqkError) as refusal:
        given_desk.call("ledger.post_fill", run_id=given_desk.run_id, **copy)
    assert refusal.value.code == "23505"
