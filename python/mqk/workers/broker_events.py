"""Broker events: carries the broker's messages into the inbox, where they are applied at once.

The cursor moves in the transaction that stores the messages: a crash reads them again, and the inbox
knows them.
"""

from __future__ import annotations

from mqk.db import call, call_value
from mqk.worker import Job, Tick
from mqk.workers.wires import wire_broker


def tick(t: Tick) -> int:
    """Fetch what is new, page by page, and hand it over; give how many messages there were."""
    t.beat()
    taken = 0
    while True:
        cursor = call_value(t.conn, "io.get_cursor", run_id=t.run_id)
        messages, after = t.venue.events(cursor)
        if not messages:
            return taken
        call(
            t.conn,
            "io.receive_messages",
            **t.lease,
            messages=messages,
            cursor_text=after,
            now_at=t.now,
        )
        taken += len(messages)


JOB = Job("broker_events", tick, "mqk_run", wire_broker)
