"""Workers of a sweep: claim a job, run its backtest, end it. Any number, on any machine, on one queue.

A worker keeps nothing: one that is killed leaves a job whose claim runs out, and another takes it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from mqk.backtesting import Play, find
from mqk.clock import Clock
from mqk.db import Connection, Row, call, call_row
from mqk.errors import FIX_THE_CALL, REFUSED, MqkError

POLL_SECONDS = 0.3
LATE = "MQS84"
GRID_LAW = "a grid names parameters of the config and lists values of each"
GRID_FIX = "Use --grid name=1,2,3 or name=from:to:step."


def read_grid(texts: Iterable[str]) -> dict[str, list[Any]]:
    """The grid of options like fast_bars=5:20:5 (both ends included) or slow_bars=30,50.

    Raises MqkError MQA85.
    """
    grid: dict[str, list[Any]] = {}
    for text in texts:
        name, _, values = text.partition("=")
        try:
            found = (
                read_range(values) if ":" in values else [json.loads(v) for v in values.split(",")]
            )
        except (ValueError, InvalidOperation):
            found = []
        if not name or not found or name in grid:
            raise MqkError("MQA85", GRID_LAW, text, GRID_FIX)
        grid[name] = found
    return grid


def read_range(text: str) -> list[int | float]:
    """The numbers of from:to:step."""
    first, last, step = (Decimal(part) for part in text.split(":"))
    if step <= 0 or not (last - first).is_finite():
        raise ValueError(text)
    count = min(int((last - first) / step), 10000)
    return [json.loads(str(first + n * step)) for n in range(count + 1)]


@dataclass(frozen=True)
class Sweeper:
    """One worker: its session, its name, the clock, and for how many seconds a job is its own."""

    conn: Connection
    name: str
    clock: Clock
    lease_seconds: int = 60

    def take(self, sweep_id: UUID | None) -> bool:
        """Claim one job and end it; False when there is none. What its config is refused for ends it."""
        job = call_row(
            self.conn,
            "api.backtest_claim_job",
            sweep_id=sweep_id,
            worker_name=self.name,
            lease_seconds=self.lease_seconds,
            now_at=self.clock(),
        )
        if job is None:
            return False
        key = {field: job[field] for field in ("sweep_id", "job_no", "claim_no")}
        try:
            play = Play(self.conn, self.clock, job["config"], find(json.loads(job["config"])))
            key["backtest_id"] = play.prepare(job["dataset_id"])
            call(self.conn, "api.backtest_finish_job", **key, now_at=self.clock())
        except MqkError as no:
            if no.code == LATE or no.exit_code not in (FIX_THE_CALL, REFUSED):
                raise
            key.pop("backtest_id", None)
            call(self.conn, "api.backtest_fail_job", **key, failure=str(no), now_at=self.clock())
        return True

    def work(self, sweep_id: UUID | None) -> int:
        """Take jobs until none is left, those of silent workers included; give how many were ended."""
        count = 0
        while True:
            try:
                if self.take(sweep_id):
                    count += 1
                    continue
            except MqkError as no:
                if no.code != LATE:  # it took longer than its claim, and another has it now
                    raise
            if not any(row["claimed"] + row["pending"] for row in list_open(self.conn, sweep_id)):
                return count
            time.sleep(POLL_SECONDS)


def list_open(conn: Connection, sweep_id: UUID | None) -> list[Row]:
    """The sweep, or all of them, as far as they have come."""
    rows = call(conn, "api.backtest_sweeps")
    return [row for row in rows if sweep_id in (None, row["sweep_id"])]


@contextmanager
def crew(sweep_id: UUID, workers: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """So many worker processes of a sweep; ended with the block, by SIGTERM if they still run."""
    words = ["-c", "from mqk.cli.main import main; main()", "backtest", "sweeper", str(sweep_id)]
    null = subprocess.DEVNULL
    made = [
        subprocess.Popen([sys.executable, *words], stdin=null, stdout=null) for _ in range(workers)
    ]
    try:
        yield made
    finally:
        for process in made:
            process.terminate()
        for process in made:
            process.wait()
