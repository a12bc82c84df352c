"""Gateway: carries claimed orders to the broker.

    list_unresolved -> look up       first of all: what did an earlier worker leave in doubt?
    plan_flatten                     a halted run closes its positions, if that is asked for
    claim_outbox -> begin_dispatch -> get_permit -> broker -> mark_sent | failed | not_sent | ambiguous

Every arrow is one call and one commit. What to send is told only by the permit, once the attempt is on
disk. A crash before begin_dispatch loses nothing; after it the row waits for evidence from the broker.
"""

from __future__ import annotations

from typing import Any

from mqk.brokers import Broker, NotSent, Refused, Unauthorized, Unsure
from mqk.db import call, call_row, call_value
from mqk.worker import Job, Tick
from mqk.workers.doubts import resolve
from mqk.workers.wires import refuse_keys, wire_broker

BATCH = 20


def tick(t: Tick) -> int:
    """Resolve what is in doubt, then send each request we can claim, once; give how many we took."""
    t.beat()
    resolve(t)
    if t.held:  # nothing may be sent, so nothing is claimed; it is asked again before each request
        return 0
    if not call_value(t.conn, "io.count_claimable", run_id=t.run_id, now_at=t.now):
        call(t.conn, "io.plan_flatten", **t.lease, now_at=t.now)
        return 0
    orders = call(
        t.conn,
        "io.claim_outbox",
        **t.lease,
        worker_name=t.name,
        limit=BATCH,
        now_at=t.now,
    )
    for order in orders:
        dispatch(t, order["outbox_id"])
    return len(orders)


def dispatch(t: Tick, outbox_id: int) -> None:
    """Take one claimed order through attempt, permit and submit."""
    row = {**t.lease, "outbox_id": outbox_id}
    begun = call_row(t.conn, "io.begin_dispatch", **row, worker_name=t.name, now_at=t.now)
    if begun is None or not begun["is_granted"]:
        return
    permit = call_row(t.conn, "io.get_permit", **row, attempt_no=begun["attempt_no"], now_at=t.now)
    assert permit is not None
    try:
        t.refuse_while_held()
        broker_order_id = SEND[permit["request_kind"]](t.venue, permit)
    except Refused as no:
        call(t.conn, "io.mark_failed", **row, reason=str(no), now_at=t.now)
    except NotSent as no:
        give_back(t, row, begun["attempt_no"], no)
    except Unsure as doubt:
        call(t.conn, "io.mark_ambiguous", **row, reason=str(doubt), now_at=t.now)
    else:
        call(t.conn, "io.mark_sent", **row, broker_order_id=broker_order_id, now_at=t.now)


def give_back(t: Tick, row: dict[str, Any], attempt_no: int, no: NotSent) -> None:
    """Report that the broker took nothing; keys that it does not accept halt the run."""
    call(
        t.conn,
        "io.mark_not_sent",
        **row,
        attempt_no=attempt_no,
        reason=str(no),
        not_before_at=no.not_before,
        now_at=t.now,
    )
    if isinstance(no, Unauthorized):
        raise refuse_keys(t, no)


def submit(venue: Broker, permit: dict[str, Any]) -> str:
    """Send the order; give the broker's id for it."""
    return venue.submit(permit)


def cancel(venue: Broker, permit: dict[str, Any]) -> str:
    """Ask for the end of the order."""
    venue.cancel(permit["broker_order_id"])
    return str(permit["broker_order_id"])


def replace(venue: Broker, permit: dict[str, Any]) -> str:
    """Ask for other terms; give the id of the order that has them."""
    return venue.replace(permit)


SEND = {"SUBMIT": submit, "CANCEL": cancel, "REPLACE": replace}


JOB = Job("gateway", tick, "mqk_outbox", wire_broker)
