"""Orders in doubt: asks the broker what it holds of what an earlier attempt may have left with it."""

from __future__ import annotations

from typing import Any

from mqk.brokers import NotSent, Unauthorized, Unsure
from mqk.db import call
from mqk.log import log
from mqk.worker import Tick
from mqk.workers.wires import refuse_keys


def resolve(t: Tick) -> None:
    """Ask the broker for every order in doubt, by our name for it; report what it says.

    A broker that does not answer proves nothing: the orders stay in doubt, and are asked for again.
    """
    unresolved = call(t.conn, "io.list_unresolved", **t.lease, worker_name=t.name, now_at=t.now)
    try:
        for row in unresolved:
            look_up(t, row)
    except Unauthorized as no:
        raise refuse_keys(t, no) from None
    except (NotSent, Unsure) as silence:
        log(t.kind, "in doubt", orders=len(unresolved), why=str(silence))


def look_up(t: Tick, row: dict[str, Any]) -> None:
    """Report the broker's id of one order in doubt, or that the broker does not hold it."""
    doubt = {**t.lease, "outbox_id": row["outbox_id"]}
    broker_order_id = t.venue.find(row["client_order_id"])
    if broker_order_id:
        call(t.conn, "io.mark_sent", **doubt, broker_order_id=broker_order_id, now_at=t.now)
        return
    call(
        t.conn,
        "io.record_absence",
        **doubt,
        attempt_no=row["attempt_no"],
        broker_orders=[o["client_order_id"] for o in t.venue.orders()],
        now_at=t.now,
    )
