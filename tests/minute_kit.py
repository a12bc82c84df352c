"""A desk of bars within a session: its slots, its rows, and its beginning."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from kit import Desk

STEP = {"1m": 60, "5m": 300, "15m": 900, "1H": 3600}


def opens(day: date) -> datetime:
    """When a session of the made-up exchange opens; it closes six and a half hours later."""
    return datetime(day.year, day.month, day.day, 14, 30, tzinfo=UTC)


def row(symbol: str, start: datetime, price: Any, timeframe: str, **put: Any) -> dict[str, Any]:
    """One row as a feed gives it that names the start of a bar."""
    ohlc = dict.fromkeys(("open", "high", "low", "close"), str(price))
    return {
        "line_no": 2, "symbol": symbol, "timeframe": timeframe, "starts_at": start.isoformat(),
        **ohlc, "volume": "1000000", **put,
    }  # fmt: skip


class SlotDesk(Desk):
    """A desk of short bars: two slots are shown, then it is armed and begun."""

    timeframe = "1m"
    stale_seconds = 5

    def __init__(self, url: str, data: dict[str, Any] | None = None, **config: Any) -> None:
        given = {
            "timeframe": self.timeframe,
            "stale_data_threshold_seconds": self.stale_seconds,
            "outlier_policy": "HALT_NEW",
            **(data or {}),
        }
        super().__init__(url, data=given, **config)

    def end_of(self, slot: int) -> datetime:
        """When a slot (from 1) of the first session ends."""
        return opens(self.days[0]) + slot * timedelta(seconds=STEP[self.timeframe])

    def feed(self, slot: int, prices: dict[str, Any], **put: Any) -> None:
        """Put the bars of a slot into the feed."""
        start = self.end_of(slot - 1)
        self.market.rows += [row(s, start, p, self.timeframe, **put) for s, p in prices.items()]

    def second(self, slot: int, feed: str = "other", **prices: Any) -> dict[str, Any]:
        """A second feed's word on a slot."""
        start = self.end_of(slot - 1)
        rows = [
            row(s, start, p, self.timeframe, line_no=n)
            for n, (s, p) in enumerate(prices.items(), 2)
        ]
        return self.ingest(rows, feed=feed, is_second=True, timeframe=self.timeframe)

    def show(self, slot: int, *ticks: str, after: float = 1, **prices: Any) -> None:
        """The bars of a slot, and a tick (of everything) `after` seconds later than its end."""
        self.feed(slot, prices)
        self.clock.move_to(self.end_of(slot) + timedelta(seconds=after))
        self.tick(*ticks)

    def begin(self, **prices: Any) -> None:
        """Two slots (AAA 100 and BBB 50 unless said otherwise), then arm and begin."""
        prices = prices or {"AAA": 100, "BBB": 50}
        for slot in (1, 2):
            self.feed(slot, prices)
        self.clock.move_to(self.end_of(2) + timedelta(seconds=1))
        if self.config["data"]["second_feed"] != "none":
            for slot in (1, 2):
                self.second(slot, **prices)
        self.tick("marketdata", "broker_events", "snapshots")
        self.show_workers()
        self.arm()

    def arm(self) -> None:
        """Arm and begin."""
        words = self.value("api.run_arm_words", run_id=self.run_id)
        for command, args in (("run_arm", {"confirm": words}), ("run_begin", {})):
            done = self.act(command, run_id=self.run_id, **args)
            assert done["outcome"] == "DONE", done

    def defects(self) -> list[str]:
        """The kinds of defects that shut the gate now."""
        rows = self.call("api.md_defects", run_id=self.run_id, now_at=self.now)
        return [r["defect"] for r in rows if r["is_brake"]]

    @property
    def is_open(self) -> bool:
        """Whether gate INTEGRITY is open."""
        return bool(self.one("select is_open from run.gates where gate = 'INTEGRITY'"))
