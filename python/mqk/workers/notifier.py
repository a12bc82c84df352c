"""Notifier: tells people what the diary says: halts, drifts, refused keys, starts and stops.

    claim_notices -> webhook, or a line on standard output -> mark_notices_delivered | _failed

It reads what has been committed, locks nothing that trades, and halts nothing when it fails. What a
webhook does not take stands in the log at once, and goes out again when the database says so.
"""

from __future__ import annotations

from typing import Any

from mqk.db import call
from mqk.log import log
from mqk.notices import Sink, Undelivered
from mqk.worker import Job, Tick
from mqk.workers.wires import wire_notifier


def tick(t: Tick) -> int:
    """Deliver what is due, one message a channel; give how many notices arrived."""
    messages = call(t.conn, "io.claim_notices", run_id=t.run_id, worker_name=t.name, now_at=t.now)
    return sum(deliver(t, message) for message in messages)


def deliver(t: Tick, message: dict[str, Any]) -> int:
    """Send one message and say what became of it; give how many notices arrived with it."""
    channel = message["channel"]
    sink: Sink = t.wires["webhooks"].get(channel, t.wires["lines"])
    what = {"run_id": t.run_id, "channel": channel, "delivery_no": message["delivery_no"]}
    try:
        receipt = sink.send(message)
    except Undelivered as no:
        failed = {"reason": str(no), "rest_ms": no.rest_ms}
        call(t.conn, "io.mark_notices_failed", **what, **failed, now_at=t.now)
        log("notifier", "undelivered", **what, **failed, is_gone=no.is_gone, message=message)
        if no.is_gone:
            t.wires["webhooks"].pop(
                channel, None
            )  # until the next start: its lines go to the journal
        return 0
    rest = {"receipt": receipt.text, "rest_ms": receipt.rest_ms}
    call(t.conn, "io.mark_notices_delivered", **what, **rest, now_at=t.now)
    return int(message["notices"])


JOB = Job("notifier", tick, "mqk_run", wire_notifier, acts=False)
