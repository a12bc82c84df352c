"""Mean reversion: buy what has fallen well below its average, sell when it has come back.

Integers only: with the sum S of the last window_bars closes, a close c is entry_bps below the mean when
c * window_bars * 10000 <= S * (10000 - entry_bps); it has come back when
c * window_bars * 10000 >= S * (10000 - exit_bps). In between a position is kept as it is. With fewer bars
than window_bars a symbol is flat.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import accumulate

from mqk.strategies import Context
from mqk.strategies.study import Kind, Signal, Study


class MeanReversion:
    """Parameters: window_bars, entry_bps > exit_bps (bps below the mean), weight_bps a symbol."""

    name = "mean_reversion"
    version = "1"

    def on_bar(self, context: Context) -> Mapping[str, int]:
        """Target shares by symbol."""
        return {symbol: self.target(context, symbol) for symbol in sorted(context.bars)}

    def target(self, context: Context, symbol: str) -> int:
        """Target shares of one symbol."""
        knobs = context.parameters
        window = int(knobs["window_bars"])
        closes = [bar.close_micros for bar in context.bars[symbol]][-window:]
        held = max(context.positions.get(symbol, 0), 0)
        if len(closes) < window:
            return 0
        level, mean = closes[-1] * window * 10000, sum(closes)
        if held:
            return 0 if level >= mean * (10000 - int(knobs["exit_bps"])) else held
        cheap = level <= mean * (10000 - int(knobs["entry_bps"]))
        return context.size(symbol) if cheap else 0

    def signals(self, study: Study) -> Iterator[Signal]:
        """The same of a whole dataset: a weight below the band, nothing above it, in it what is held."""
        knobs = study.parameters
        window, weight = int(knobs["window_bars"]), int(knobs["weight_bps"])
        low, high = 10000 - int(knobs["entry_bps"]), 10000 - int(knobs["exit_bps"])
        if window > study.window_bars:
            return
        for symbol, series in study.series.items():
            sums = list(accumulate(series.closes, initial=0))
            was: tuple[Kind, int] = ("WEIGHT", 0)
            for n in range(window, len(sums)):
                level = series.closes[n - 1] * window * 10000
                mean = sums[n] - sums[n - window]
                wants: tuple[Kind, int] = ("KEEP", 0)
                if level >= mean * high:
                    wants = ("WEIGHT", 0)
                elif level <= mean * low:
                    wants = ("WEIGHT", weight)
                if wants != was:
                    yield Signal(series.ticks[n - 1], symbol, *wants)
                    was = wants
