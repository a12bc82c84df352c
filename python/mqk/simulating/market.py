"""The made-up market: a session each weekday, two stocks and an index, prices by the day."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from mqk.feeds import Batch, Raw, Row, Want
from mqk.simulating.chance import Chance

FIRST = date(2024, 1, 2)
SESSIONS = 40
OPENINGS = {"AAA": 100, "BBB": 50, "IDX": 1000}
STOCKS = ("AAA", "BBB")
DAYS = [
    day for day in (FIRST + timedelta(days=n) for n in range(SESSIONS * 2)) if day.weekday() < 5
][:SESSIONS]  # fmt: skip


def close_of(day: date) -> datetime:
    """When a session ends."""
    return datetime(day.year, day.month, day.day, 21, tzinfo=UTC)


MORNING = close_of(DAYS[0]) - timedelta(hours=12)


def list_sessions() -> list[Row]:
    """The calendar, as api.md_load_calendar takes it."""
    return [
        {
            "session_on": day.isoformat(),
            "opens_at": (close_of(day) - timedelta(hours=6, minutes=30)).isoformat(),
            "closes_at": close_of(day).isoformat(),
            "is_half_day": False,
        }
        for day in DAYS
    ]


def list_instruments() -> list[Row]:
    """The listing, as api.md_load_instruments takes it."""
    return [
        {"symbol": s, "exchange_id": "XTST", "name": s,
         "instrument_kind": "INDEX" if s == "IDX" else "EQUITY"}
        for s in OPENINGS
    ]  # fmt: skip


class Market:
    """Prices, and the feed that tells them. `step_bps`: how far a close is from the one before, at most."""

    name = "test"
    is_metered = False

    def __init__(self, seed: object, step_bps: int) -> None:
        self.chance, self.step_bps = Chance(seed, "market"), step_bps
        self.closes: dict[str, list[int]] = {s: [p * 100] for s, p in OPENINGS.items()}  # cents
        self.splits: dict[tuple[str, int], tuple[int, int]] = {}  # (symbol, session) -> new for old
        self.silent_from: int | None = None  # the first session that the feed does not tell

    def price(self, symbol: str, session: int) -> int:
        """The close of a session, in micros."""
        known = self.closes[symbol]
        while len(known) <= session:
            step = Chance(self.chance.key, symbol, len(known)).between(
                -self.step_bps, self.step_bps
            )
            num, den = self.splits.get((symbol, len(known)), (1, 1))
            known.append(max(known[-1] * (10000 + step) * den // (10000 * num), 100))
        return known[session] * 10_000

    def price_near(self, symbol: str, session: int, chance: Chance) -> int:
        """Where an order fills: within half a hundredth of a close, in micros."""
        return self.price(symbol, session) * chance.between(9950, 10050) // 10_000

    def fetch(self, wants: Sequence[Want]) -> Iterator[Batch]:
        """Daily bars of what is asked for, as far as the feed tells them."""
        rows: list[Row] = []
        told = len(DAYS) if self.silent_from is None else self.silent_from
        for want in wants:
            for n, day in enumerate(DAYS[:told]):
                if want.from_on <= day <= want.until_on:
                    rows.append(self._row(want.symbol, n, len(rows) + 2))
        body = json.dumps(rows).encode()
        asked = {"wants": str(len(wants)), "from": str(min(want.from_on for want in wants))}
        yield Batch([Raw(asked, "application/json", body)], "test.v1", "1D", rows)

    def _row(self, symbol: str, session: int, line_no: int) -> dict[str, Any]:
        price = f"{self.price(symbol, session) // 10_000 / 100:.2f}"
        return {
            "line_no": line_no, "symbol": symbol, "timeframe": "1D",
            "session_on": DAYS[session].isoformat(), "volume": "1000000",
            **dict.fromkeys(("open", "high", "low", "close"), price),
        }  # fmt: skip
