"""Moving-average trend: long while the fast average is above the slow one, else flat.

Integers only: with sums F over fast_bars and S over slow_bars, the fast average is above the slow one
when F * slow_bars > S * fast_bars; equal is flat. A long position is kept as it is; a new one gets
weight_bps of equity. With fewer bars than slow_bars a symbol is flat. strat.decide_sma_trend_sql is the
same rule in SQL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

from mqk.strategies import Bar, Context
from mqk.strategies.study import Signal, Study


class SmaTrend:
    """Parameters: fast_bars, slow_bars (whole numbers, fast < slow), weight_bps a symbol."""

    name = "sma_trend"
    version = "1"

    def on_bar(self, context: Context) -> Mapping[str, int]:
        """Target shares by symbol."""
        fast = int(context.parameters["fast_bars"])
        slow = int(context.parameters["slow_bars"])
        return {
            symbol: (max(context.positions.get(symbol, 0), 0) or context.size(symbol))
            if is_rising(bars, fast, slow)
            else 0
            for symbol, bars in sorted(context.bars.items())
        }

    def signals(self, study: Study) -> Iterator[Signal]:
        """The same of a whole dataset: a weight when the averages cross, 0 when they cross back."""
        fast, slow = (int(study.parameters[name]) for name in ("fast_bars", "slow_bars"))
        weight = int(study.parameters["weight_bps"])
        if slow > study.window_bars:
            return
        for symbol, series in study.series.items():
            sums = list(accumulate(series.closes, initial=0))
            was = False
            for n in range(slow, len(sums)):
                is_up = (sums[n] - sums[n - min(fast, n)]) * slow > (
                    sums[n] - sums[n - slow]
                ) * fast
                if is_up != was:
                    yield Signal(series.ticks[n - 1], symbol, "WEIGHT", weight if is_up else 0)
                    was = is_up


def is_rising(bars: Sequence[Bar], fast: int, slow: int) -> bool:
    """Whether the fast average of closes is above the slow one."""
    closes = [bar.close_micros for bar in bars]
    return len(closes) >= slow and sum(closes[-fast:]) * slow > sum(closes[-slow:]) * fast
