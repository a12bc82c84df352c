"""Market data: carries closed bars into the store, has corporate actions applied, shows both to a paper
market, has the data and the run's equity judged.
"""

from __future__ import annotations

import json
from datetime import timedelta

from mqk.db import call, call_value
from mqk.worker import Job, Tick
from mqk.workers.wires import wire_marketdata

LOOK_BACK = timedelta(days=30)
OVERLAP = timedelta(days=10)


def tick(t: Tick) -> int:
    """Ingest what the feed has up to now (with some days of overlap: known bars change nothing), apply
    the corporate actions that are due, show the paper market what is new, evaluate integrity and risk.
    Give the rows fetched.
    """
    rows = t.wires["feed"].fetch(t.wires.get("after"), t.now.date())
    if rows:
        name = t.wires["feed"].name
        raw = call_value(
            t.conn,
            "io.keep_raw",
            feed=name,
            request={},
            content_type="application/json",
            body=json.dumps(rows, sort_keys=True).encode(),
            now_at=t.now,
        )
        call(
            t.conn,
            "io.ingest_bars",
            feed=name,
            is_second=False,
            raws=[raw],
            normaliser="rows.v1",
            timeframe=t.run["config"]["data"]["timeframe"],
            policy="KEEP_GOOD",
            rows=rows,
            now_at=t.now,
        )
    t.wires["after"] = t.now.date() - OVERLAP
    bars = call(
        t.conn, "io.list_new_bars", run_id=t.run_id, after_at=t.now - LOOK_BACK, now_at=t.now
    )
    call(t.conn, "io.apply_actions", run_id=t.run_id, now_at=t.now)
    if t.broker is not None:
        actions = call(t.conn, "io.list_paper_actions", run_id=t.run_id, now_at=t.now)
        t.broker.observe(bars, actions)
    call(t.conn, "io.evaluate_integrity", run_id=t.run_id, now_at=t.now)
    call(t.conn, "io.evaluate_risk", run_id=t.run_id, now_at=t.now)
    return len(rows)


JOB = Job("marketdata", tick, "mqk_run", wire_marketdata)
