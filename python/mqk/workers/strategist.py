"""Strategist: shows a strategy what it may see and hands its targets over.

The database says whether there is anything to decide, what may be seen, and what becomes of the
targets. A SQL strategy decides inside the database.
"""

from __future__ import annotations

from datetime import datetime

from mqk.db import Connection, call, call_row
from mqk.errors import MqkError
from mqk.log import log
from mqk.strategies import Context, Strategy, Target, load, names
from mqk.worker import Job, Tick


def announce(conn: Connection, now_at: datetime) -> None:
    """Register every strategy that is installed here; one that cannot be loaded is said and left out."""
    for name in names():
        try:
            version = load(name).version
        except (MqkError, ImportError, AttributeError) as no:
            log("strategist", "strategy left out", strategy=name, error=str(no))
        else:
            call(conn, "io.register_strategy", strategy_id=name, version=version, now_at=now_at)


def wire(t: Tick) -> None:
    """Load the run's strategy, if it is one of Python's."""
    for row in call(t.conn, "io.list_strategy_ids", run_id=t.run_id):
        if row["strategy_kind"] == "PYTHON":
            t.wires["strategy"] = load(row["strategy_id"])


def tick(t: Tick) -> int:
    """Decide on the last complete bar, if that is still to be done, and have the protective stops looked
    after; give how many orders follow from the decision.
    """
    t.lead()
    orders = decide(t)
    call(t.conn, "io.plan_stops", **t.lease, now_at=t.now)
    return orders


def decide(t: Tick) -> int:
    """Show the strategy what it may see, once a bar, and hand its targets over."""
    seen = call_row(t.conn, "io.get_strategy_context", run_id=t.run_id, now_at=t.now)
    if seen is None:
        return 0
    strategy: Strategy | None = t.wires.get("strategy")
    wishes = strategy.on_bar(Context.from_json(seen["context"])) if strategy else {}
    targets = {symbol: Target.of(wish).as_json() for symbol, wish in wishes.items()}
    t.lead()  # a long decision may have outlived the lease
    return len(call(t.conn, "io.plan_intents", **t.lease, targets=targets, now_at=t.now))


JOB = Job("strategist", tick, "mqk_bars", wire, announce)
