"""Laws of the way in: what a broker says is kept, believed or not, and booked once."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit import Desk
from mqk.config.load import canonical
from support import SERVER


def sent(desk: Desk) -> str:
    """An order for 10 AAA that the gateway has sent; give its name."""
    name = str(desk.plan(2, AAA=10)[0]["client_order_id"])
    desk.tick("gateway")
    return name


def fill(desk: Desk, name: str, qty: int, cum: int, **fields: Any) -> dict[str, Any]:
    """A fill message at 100 dollars."""
    kind = "fill" if cum >= 10 else "partial_fill"
    fields.setdefault("execution_id", f"x:{cum}")
    return desk.event(name, kind, qty=qty, cum_qty=cum, **{"price": "100", "fee": "0", **fields})


def order(desk: Desk) -> tuple[str, int]:
    """Status and cumulative quantity of the only order."""
    row = desk.sql("select order_status, cum_qty from oms.orders")[0]
    return row["order_status"], row["cum_qty"]


def held(desk: Desk) -> int:
    """Position in AAA."""
    return int(desk.value("ledger.get_position_qty", run_id=desk.run_id, symbol="AAA"))


def cash(desk: Desk) -> int:
    """Cash in micros."""
    return int(desk.one("select cash_micros from ledger.portfolios"))


def test_an_order_goes_new_partial_filled_and_each_step_is_booked(given_desk: Desk) -> None:
    desk, name = given_desk, sent(given_desk)
    assert desk.receive(desk.event(name, "new")) == ["APPLIED"]
    assert order(desk) == ("ACCEPTED", 0)
    assert desk.receive(fill(desk, name, 4, 4)) == ["APPLIED"]
    assert (order(desk), held(desk)) == (("PARTIALLY_FILLED", 4), 4)
    assert desk.receive(fill(desk, name, 6, 10)) == ["APPLIED"]
    assert (order(desk), held(desk)) == (("FILLED", 10), 10)
    assert cash(desk) == (100_000 - 1_000) * 1_000_000


def test_a_message_seen_before_changes_nothing(given_desk: Desk) -> None:
    desk, name = given_desk, sent(given_desk)
    message = fill(desk, name, 4, 4)
    assert desk.receive(message, message) == ["APPLIED", "DUPLICATE"]
    assert desk.receive(message) == ["DUPLICATE"]
    assert (order(desk), held(desk)) == (("PARTIALLY_FILLED", 4), 4)
    assert desk.one("select count(*) from oms.inbox") == 1


def test_the_same_execution_under_another_message_id_is_booked_once(given_desk: Desk) -> None:
    desk, name = given_desk, sent(given_desk)
    first, again = (fill(desk, name, 4, 4, message_id=m) for m in ("stream-1", "poll-1"))
    assert desk.receive(first, again) == ["APPLIED", "DUPLICATE"]
    assert held(desk) == 4
    assert desk.one("select count(*) from oms.inbox") == 2


def test_the_same_cumulative_quantity_under_another_execution_id_is_booked_once(
    given_desk: Desk,
) -> None:
    desk, name = given_desk, sent(given_desk)
    first, again = (
        fill(desk, name, 4, 4, message_id=m, execution_id=m) for m in ("stream-1", "poll-1")
    )
    assert desk.receive(first, again) == ["APPLIED", "DUPLICATE"]
    assert held(desk) == 4


@pytest.mark.parametrize("other", [{"price": "101"}, {"fee": "1"}, {"qty": 3}])
def test_a_fill_that_contradicts_a_booked_one_is_kept_not_booked_and_halts(
    given_desk: Desk, other: dict[str, Any]
) -> None:
    desk, name = given_desk, sent(given_desk)
    changed = {**fill(desk, name, 4, 4), "message_id": "later"}
    changed.update({key: str(value) for key, value in other.items()})
    assert desk.receive(fill(desk, name, 4, 4), changed) == ["APPLIED", "QUARANTINED"]
    assert (held(desk), desk.status) == (4, "HALTED")
    assert desk.halt_reason.startswith("CONTRADICTION")


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ({"qty": "0.5"}, "BAD_FILL"),
        ({"qty": "0"}, "BAD_FILL"),
        ({"qty": "-4"}, "BAD_FILL"),
        ({"qty": "1000000001"}, "BAD_FILL"),
        ({"qty": None}, "BAD_FILL"),
        ({"price": "0"}, "BAD_FILL"),
        ({"price": "-1"}, "BAD_FILL"),
        ({"price": "100.0000001"}, "BAD_FILL"),
        ({"price": "NaN"}, "BAD_FILL"),
        ({"price": "1e2"}, "BAD_FILL"),
        ({"price": None}, "BAD_FILL"),
        ({"fee": "-0.01"}, "BAD_FILL"),
        ({"execution_id": None}, "BAD_FILL"),
        ({"cum_qty": None}, "BAD_FILL"),
        ({"at": "yesterday"}, "BAD_FILL"),
        ({"at": None}, "BAD_FILL"),
        ({"broker_order_id": None}, "NO_BROKER_ORDER_ID"),
        ({"broker_order_id": "somebody-elses"}, "OTHER_BROKER_ORDER"),
        ({"client_order_id": "nobody", "broker_order_id": "b-none"}, "UNKNOWN_ORDER"),
        ({"event": "trade_bust"}, "BAD_REVERSAL"),
    ],
)
def test_a_message_that_cannot_be_believed_is_kept_not_booked_and_halts(
    given_desk: Desk, broken: dict[str, Any], why: str
) -> None:
    desk, name = given_desk, sent(given_desk)
    message = {**fill(desk, name, 4, 4), **broken}
    assert desk.receive(message) == ["QUARANTINED"]
    assert (held(desk), desk.status) == (0, "HALTED")
    assert desk.halt_reason.startswith(why)
    assert desk.one("select raw from oms.inbox") == message


@pytest.mark.parametrize("event", ["split_fill", None])
def test_a_fill_in_an_event_of_unknown_kind_is_booked_and_noted(
    given_desk: Desk, event: str | None
) -> None:
    desk, name = given_desk, sent(given_desk)
    assert desk.receive({**fill(desk, name, 4, 4), "event": event}) == ["NOTED"]
    assert (order(desk), held(desk), desk.status) == (("PARTIALLY_FILLED", 4), 4, "RUNNING")


def test_an_event_of_unknown_kind_is_kept_and_changes_nothing(given_desk: Desk) -> None:
    desk, name = given_desk, sent(given_desk)
    desk.receive(desk.event(name, "new"))
    assert desk.receive(desk.event(name, "moon_phase")) == ["NOTED"]
    assert (order(desk), desk.status) == (("ACCEPTED", 0), "RUNNING")


@pytest.mark.parametrize(("kind", "status"), [("expired", "RUNNING"), ("fill", "HALTED")])
def test_news_of_an_earlier_runs_order_are_noted_and_a_fill_of_it_halts(
    given_desk: Desk, kind: str, status: str
) -> None:
    desk, name = given_desk, sent(given_desk)
    message = {**fill(desk, name, 4, 4), "event": kind}
    desk.act("run_stop", run_id=desk.run_id, reason="over")
    desk.serve(desk.act("run_create", config=canonical(desk.config), as_of_at=desk.now)["run_id"])
    assert desk.receive(message) == ["NOTED" if kind == "expired" else "QUARANTINED"]
    assert desk.status == ("CREATED" if status == "RUNNING" else status)


def test_a_fill_of_an_order_that_was_never_dispatched_halts(given_desk: Desk) -> None:
    name = str(given_desk.plan(2, AAA=10)[0]["client_order_id"])
    message = fill(given_desk, name, 4, 4, broker_order_id="b-1")
    assert given_desk.receive(message) == ["QUARANTINED"]
    assert given_desk.halt_reason.startswith("NEVER_DISPATCHED")
    assert held(given_desk) == 0


def test_a_fill_before_its_ack_is_booked_and_the_ack_is_stale(given_desk: Desk) -> None:
    desk, name = given_desk, sent(given_desk)
    assert desk.receive(fill(desk, name, 10, 10), desk.event(name, "new")) == ["APPLIED", "STALE"]
    assert order(desk) == ("FILLED", 10)


def test_a_fill_that_overtakes_the_answer_to_its_submit_maps_the_order(given_desk: Desk) -> None:
    desk = given_desk
    name = str(desk.plan(2, AAA=10)[0]["client_order_id"])
    lease = desk.lease("gateway")
    row = {**lease, "outbox_id": 1}
    desk.call("io.claim_outbox", **lease, worker_name="g", limit=1, now_at=desk.now)
    desk.call("io.begin_dispatch", **row, worker_name="g", now_at=desk.now)
    desk.call("io.get_permit", **row, attempt_no=1, now_at=desk.now)
    assert desk.receive(fill(desk, name, 10, 10, broker_order_id="b-1")) == ["APPLIED"]
    assert desk.one("select broker_order_id from oms.broker_map") == "b-1"
    assert desk.one("select outbox_status from oms.outbox") in ("SENT", "ACKED")
    desk.call("io.mark_sent", **row, broker_order_id="b-1", now_at=desk.now)
    assert order(desk) == ("FILLED", 10)


@pytest.mark.parametrize("ending", ["canceled", "expired"])
def test_a_late_fill_is_booked_and_flagged_and_the_order_stays_ended(
    given_desk: Desk, ending: str
) -> None:
    desk, name = given_desk, sent(given_desk)
    desk.receive(desk.event(name, "new"), desk.event(name, ending))
    assert desk.receive(fill(desk, name, 4, 4)) == ["APPLIED"]
    assert order(desk) == (ending.upper(), 4)
    assert held(desk) == 4
    assert desk.one("select is_late from ledger.fills") is True


@pytest.mark.parametrize(("more", "status"), [(0, "RUNNING"), (1, "HALTED")])
def test_an_overfill_is_booked_and_halts(given_desk: Desk, more: int, status: str) -> None:
    desk, name = given_desk, sent(given_desk)
    assert desk.receive(fill(desk, name, 10 + more, 10 + more)) == ["APPLIED"]
    assert (held(desk), desk.status) == (10 + more, status)


def test_a_halted_run_still_books_what_the_broker_says(given_desk: Desk) -> None:
    desk, name = given_desk, sent(given_desk)
    desk.act("run_halt", run_id=desk.run_id, reason="fire")
    assert desk.receive(fill(desk, name, 10, 10)) == ["APPLIED"]
    assert held(desk) == 10


def test_a_rejection_ends_the_order(given_desk: Desk) -> None:
    desk, name = given_desk, sent(given_desk)
    message = {**desk.event(name, "rejected"), "reason": "insufficient buying power"}
    assert desk.receive(message) == ["APPLIED"]
    assert order(desk) == ("REJECTED", 0)
    assert desk.one("select reason from oms.inbox") == "insufficient buying power"


def test_the_cursor_moves_with_its_messages_or_not_at_all(given_desk: Desk) -> None:
    desk, name = given_desk, sent(given_desk)
    before = desk.value("io.get_cursor", run_id=desk.run_id)
    with pytest.raises(Exception, match="MQA05"):
        desk.call(
            "io.receive_messages",
            **desk.lease("broker_events"),
            messages={"not": "a list"},
            cursor_text="9",
            now_at=desk.now,
        )
    with pytest.raises(RuntimeError), desk.conn.transaction():
        desk.call(
            "io.receive_messages",
            **desk.lease("broker_events"),
            messages=[fill(desk, name, 4, 4)],
            cursor_text="9",
            now_at=desk.now,
        )
        raise RuntimeError("the worker dies before the commit")
    assert desk.value("io.get_cursor", run_id=desk.run_id) == before
    assert held(desk) == 0


def test_the_inbox_itself_refuses_a_second_booking(given_desk: Desk) -> None:
    """The wall behind the function: the same row again, straight into the table."""
    desk, name = given_desk, sent(given_desk)
    desk.receive(fill(desk, name, 4, 4))
    copy = (
        "insert into oms.inbox (run_id, account_id, broker_message_id, event_kind, broker_order_id,"
        " client_order_id, order_id, execution_id, event_qty, price_micros, fee_micros, cum_qty,"
        " event_at, raw, received_at, disposition, reason, fill_seq, recount_no)"
        " select run_id, account_id, 'other', event_kind, broker_order_id, client_order_id,"
        " order_id, {x}, event_qty, price_micros, fee_micros, cum_qty, event_at, raw, received_at,"
        " disposition, reason, fill_seq, recount_no from oms.inbox"
    )
    for execution_id in ("execution_id", "'x:other'"):
        with pytest.raises(psycopg.errors.UniqueViolation):
            desk.sql(copy.format(x=execution_id))


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_order_and_repetition_of_the_same_messages_gives_the_same_books(data: Any) -> None:
    with SERVER.clone() as db:
        desk = Desk(db.url, strategy={"strategy_id": "given", "parameters": {}})
        desk.start()
        name = sent(desk)
        facts = [desk.event(name, "new"), *(fill(desk, name, q, c) for q, c in CUTS)]
        copies = [{**m, "message_id": f"again:{m['message_id']}"} for m in facts[1:]]
        messages = data.draw(st.permutations([*facts, *facts, *copies]))
        desk.receive(*messages)
        assert (order(desk), held(desk), desk.status) == (("FILLED", 10), 10, "RUNNING")
        assert cash(desk) == (100_000 - 1_000) * 1_000_000
        assert desk.one("select count(*) from ledger.fills") == len(CUTS)
        assert desk.broken_promises() == []
        desk.conn.close()


CUTS = ((1, 1), (3, 4), (4, 8), (2, 10))
