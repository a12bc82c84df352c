"""The budget of requests: whoever sends one asks first, and reports what the broker says is left."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Protocol

from mqk.brokers import NotSent
from mqk.clock import Clock
from mqk.db import Connection, call, call_row

Purpose = Literal["SUBMIT", "CANCEL", "READ"]


class Budget(Protocol):
    """Who decides whether one more request may be sent."""

    def take(self, purpose: Purpose) -> None:
        """Take one request. Raises NotSent with the instant to ask again when there is none."""

    def report(self, limit: int, remaining: int, reset_at: datetime) -> None:
        """Tell what the broker's own count is: requests a window, those left, when it ends."""


class SharedBudget:
    """The budget of the run's account in the database, shared by all of its workers."""

    def __init__(self, conn: Connection, run_id: Any, clock: Clock) -> None:
        self.conn, self.run_id, self.clock = conn, run_id, clock

    def take(self, purpose: Purpose) -> None:
        """Ask io.take_budget."""
        row = call_row(
            self.conn, "io.take_budget", run_id=self.run_id, purpose=purpose, now_at=self.clock()
        )
        assert row is not None
        if not row["is_granted"]:
            raise NotSent("the request budget is spent", row["retry_at"])

    def report(self, limit: int, remaining: int, reset_at: datetime) -> None:
        """Tell io.report_budget."""
        call(
            self.conn,
            "io.report_budget",
            run_id=self.run_id,
            remaining=remaining,
            reset_at=reset_at,
            now_at=self.clock(),
        )
