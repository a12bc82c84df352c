"""Carries what a feed gave into the database: each answer first, then its rows, a batch a transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from mqk.db import Connection, call_row, call_value
from mqk.feeds import Batch, Raw
from mqk.feeds.batches import pack

WORKERS, PEOPLE = ("io.keep_raw", "io.ingest_bars"), ("api.md_keep_raw", "api.md_ingest")
Report = dict[str, Any]


class Carrier:
    """One feed's way into the database. An answer that it has carried before is not carried again."""

    def __init__(
        self, conn: Connection, feed: str, doors: tuple[str, str], *, is_second: bool = False
    ) -> None:
        self.conn, self.feed, self.is_second = conn, feed, is_second
        self.keep_raw, self.ingest = doors
        self._kept: WeakKeyDictionary[Raw, str] = WeakKeyDictionary()

    def carry(self, batch: Batch, now_at: datetime) -> Report | None:
        """Keep the answers and ingest the rows, bad ones as findings; give the report, None for no rows.

        Raises MqkError as api.md_ingest does.
        """
        if batch.rows:
            return self.ingest_rows(batch, now_at, "KEEP_GOOD")
        for raw in batch.raws:
            self.keep(raw, now_at)
        return None

    def ingest_rows(self, batch: Batch, now_at: datetime, policy: str) -> Report:
        """As carry, also without rows, and under a policy: KEEP_GOOD or REFUSE."""
        report = call_row(
            self.conn,
            self.ingest,
            feed=self.feed,
            is_second=self.is_second,
            raws=[self.keep(raw, now_at) for raw in batch.raws],
            normaliser=batch.normaliser,
            timeframe=batch.timeframe,
            policy=policy,
            rows=pack(batch.rows),
            now_at=now_at,
        )
        assert report is not None
        return report

    def keep(self, raw: Raw, now_at: datetime) -> str:
        """The SHA-256 under which the database keeps an answer."""
        if raw not in self._kept:
            self._kept[raw] = call_value(
                self.conn,
                self.keep_raw,
                feed=self.feed,
                request=dict(raw.request),
                content_type=raw.content_type,
                body=raw.body,
                now_at=now_at,
            )
        return self._kept[raw]
