"""The bars of a backtest as a feed: what a rehearsal gives to its market data worker."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from mqk.db import Row
from mqk.feeds import Batch, Raw, Want

PRICES = ("open", "high", "low", "close")
MICROS = 1_000_000


class PastFeed:
    """The bars of a backtest, given out as their time comes."""

    name = "rehearsal"
    is_metered = False

    def __init__(self, bars: Sequence[Row], ticks: Sequence[Row], timeframe: str) -> None:
        self.bars, self.ticks, self.timeframe = bars, ticks, timeframe
        self.tick = 0  # the index of the last bar that has ended

    def fetch(self, _wants: Sequence[Want]) -> Iterator[Batch]:
        """The bars that end now: the ones before have been given out."""
        end = self.ticks[self.tick]
        at = {
            True: {"session_on": str(end["session_on"])},
            False: {"ends_at": end["bar_end_at"].isoformat()},
        }[self.timeframe == "1D"]
        rows = [
            {
                "line_no": n,
                "symbol": bar["symbol"],
                "timeframe": self.timeframe,
                **at,
                **{name: format_price(bar[f"{name}s"][self.tick]) for name in PRICES},
                "volume": str(bar["volumes"][self.tick]),
            }
            for n, bar in enumerate(self.bars, 1)
            if bar["volumes"][self.tick] is not None
        ]
        if rows:
            raw = Raw({"tick": str(self.tick + 1)}, "application/json", json.dumps(rows).encode())
            yield Batch([raw], "rehearsal.v1", self.timeframe, rows)


def format_price(micros: int) -> str:
    """A price in micros as the text that a feed would give."""
    return f"{micros // MICROS}.{micros % MICROS:06d}"


def join_raw(rows: Sequence[Row]) -> list[Row]:
    """Bars as they traded, a row a symbol: of each stretch between two splits what is its own."""
    found: dict[str, Row] = {}
    for row in rows:
        own = row["from_tick"] - row["first_tick"]
        bars = found.setdefault(row["symbol"], {"symbol": row["symbol"]})
        for name in (*(f"{price}s" for price in PRICES), "volumes"):
            bars[name] = [*bars.get(name, ()), *row[name][own:]]
    return list(found.values())
