"""Broker events: carries the broker's messages into the inbox, where they are applied at once.

The cursor moves in the transaction that stores the messages: a crash reads them again, and the inbox
knows them. How whole the stream is goes to the database too, which names the orders that miss a fill;
what the broker knows of these is fetched and handed over like any other message.
"""

from __future__ import annotations

from typing import Any

from mqk.brokers import Message, Unauthorized
from mqk.db import call, call_value
from mqk.worker import Job, Tick
from mqk.workers.wires import refuse_keys, wire_broker


def tick(t: Tick) -> int:
    """Fetch what is new, page by page, and hand it over; give how many messages there were."""
    t.beat()
    taken = 0
    while True:
        cursor = call_value(t.conn, "io.get_cursor", run_id=t.run_id)
        try:
            messages, after = t.venue.events(cursor)
        except Unauthorized as no:
            raise refuse_keys(t, no) from None
        if not messages:
            break
        receive(t, messages, after)
        taken += len(messages)
    missing = report_continuity(t)
    if missing:
        receive(t, t.venue.recover([row["broker_order_id"] for row in missing]), None)
        report_continuity(t)
    return taken


def receive(t: Tick, messages: list[Message], cursor: str | None) -> None:
    """Hand messages over, and the cursor with them."""
    call(
        t.conn,
        "io.receive_messages",
        **t.lease,
        messages=messages,
        cursor_text=cursor,
        now_at=t.now,
    )


def report_continuity(t: Tick) -> list[dict[str, Any]]:
    """Say how whole the stream is; give the orders that miss a fill."""
    continuity, reason = t.venue.continuity()
    return call(
        t.conn,
        "io.set_continuity",
        **t.lease,
        continuity=continuity,
        reason=reason,
        now_at=t.now,
    )


JOB = Job("broker_events", tick, "mqk_run", wire_broker)
