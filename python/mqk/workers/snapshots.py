"""Snapshots: carries what the broker says it holds to the reconcile, which judges it."""

from __future__ import annotations

from mqk.db import call
from mqk.worker import Job, Tick
from mqk.workers.wires import wire_snapshots


def tick(t: Tick) -> int:
    """Fetch one snapshot and submit it."""
    t.beat()
    call(
        t.conn,
        "io.submit_snapshot",
        **t.lease,
        document=t.venue.snapshot(),
        now_at=t.now,
    )
    return 1


JOB = Job("snapshots", tick, "mqk_run", wire_snapshots)
