"""Fetches a run's report from the database and writes its artifacts."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from mqk.db import Connection, call, call_value
from mqk.report.artifacts import export

PAGE = 10000
LIMITATIONS = (
    "Paper trading: fills come from a model of the market, not from a market.",
    "Prices are raw: dividends and splits are not booked; the bundled window has no splits.",
    "Daily bars: what happened inside a session is unknown and is resolved against us.",
    "One strategy, a few symbols and one window of history prove the machinery, not the strategy.",
)


def export_run(
    conn: Connection, run_id: UUID, out: Path, now_at: datetime, *, replace: bool = False
) -> dict[str, str]:
    """Write a run's artifacts to out/<run_id>/; give the file names with their SHA-256.

    Raises MqkError MQN02 for an unknown run, and what mqk.report.artifacts.export raises.
    """
    payload: dict[str, Any] = call_value(conn, "api.report_show", run_id=run_id, now_at=now_at)
    payload["limitations"] = list(LIMITATIONS)
    tables = {
        "orders": payload["orders"],
        "fills": payload["fills"],
        "equity": payload["equity"],
        "audit": list(read_chain(conn, run_id)),
    }
    return export(payload, tables, out, replace=replace)


def read_chain(conn: Connection, chain_id: UUID) -> list[dict[str, Any]]:
    """All events of an audit chain, page by page."""
    events: list[dict[str, Any]] = []
    while True:
        after = events[-1]["event_seq"] if events else 0
        page = call(conn, "api.audit_tail", chain_id=chain_id, after_seq=after, limit=PAGE)
        events += page
        if len(page) < PAGE:
            return events
