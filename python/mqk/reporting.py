"""Fetches the report of a run or a backtest from the database and writes its artifacts."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from mqk.build import find_build, find_commit, find_host
from mqk.db import Connection, call, call_value
from mqk.report.artifacts import export, export_backtest

PAGE = 10000
LIMITATIONS = (
    "Paper trading: fills come from a model of the market, not from a market.",
    "Prices are raw: dividends and splits are not booked; the bundled window has no splits.",
    "Daily bars: what happened inside a session is unknown and is resolved against us.",
    "One strategy, a few symbols and one window of history prove the machinery, not the strategy.",
)
BACKTEST_LIMITATIONS = (
    "A backtest: fills come from a model of the market, not from a market.",
    "Prices are as stored: dividends and splits are not booked.",
    "What happened inside a bar is unknown and is resolved against us.",
    "Who tries many strategies on one history finds one that fits it by luck.",
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


def fetch_tearsheet(conn: Connection, backtest_id: UUID, run_id: UUID | None) -> dict[str, Any]:
    """The document that a tearsheet is made of. Raises MqkError MQN81, MQN02."""
    payload: dict[str, Any] = call_value(
        conn, "api.backtest_show", backtest_id=backtest_id, run_id=run_id
    )
    return {**payload, "limitations": list(BACKTEST_LIMITATIONS)}


def write_tearsheet(
    conn: Connection, backtest_id: UUID, run_id: UUID | None, out: Path, *, replace: bool = False
) -> dict[str, str]:
    """Write a backtest's artifacts to out/<backtest_id>/; give the file names with their SHA-256.

    Raises MqkError MQN81, MQN02, and what mqk.report.artifacts.export raises.
    """
    payload = fetch_tearsheet(conn, backtest_id, run_id)
    made_by = {"program": {"build": find_build(), **find_commit()}, "host": find_host()}
    return export_backtest(payload, made_by, out, replace=replace)


def read_chain(conn: Connection, chain_id: UUID) -> list[dict[str, Any]]:
    """All events of an audit chain, page by page."""
    events: list[dict[str, Any]] = []
    while True:
        after = events[-1]["event_seq"] if events else 0
        page = call(conn, "api.audit_tail", chain_id=chain_id, after_seq=after, limit=PAGE)
        events += page
        if len(page) < PAGE:
            return events
