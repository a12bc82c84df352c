"""Deadman: halts every run whose workers have fallen silent. Run it apart from the others."""

from __future__ import annotations

from mqk.db import call
from mqk.log import log
from mqk.worker import Job, Tick
from mqk.workers.wires import wire_nothing


def tick(t: Tick) -> int:
    """Have the silence judged; give how many runs were halted."""
    halted = call(t.conn, "io.expire_deadmen", now_at=t.now)
    for row in halted:
        log("deadman", "halted", **row)
    return len(halted)


JOB = Job("deadman", tick, "mqk_run", wire_nothing)
