"""Snapshots: carries what the broker says it holds to the reconcile, which judges it."""

from __future__ import annotations

from mqk.brokers import NotSent, Unauthorized, Unsure
from mqk.db import call
from mqk.log import log
from mqk.worker import Job, Tick
from mqk.workers.wires import refuse_keys, wire_snapshots


def tick(t: Tick) -> int:
    """Fetch one snapshot and submit it."""
    t.beat()
    try:
        document = t.venue.snapshot()
    except Unauthorized as no:
        raise refuse_keys(t, no) from None
    except (NotSent, Unsure) as silence:
        log(t.kind, "no snapshot", why=str(silence))  # the gate shuts when the last one is too old
        return 0
    call(
        t.conn,
        "io.submit_snapshot",
        **t.lease,
        document=document,
        now_at=t.now,
    )
    return 1


JOB = Job("snapshots", tick, "mqk_run", wire_snapshots)
