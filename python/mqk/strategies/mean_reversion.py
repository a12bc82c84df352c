"""Mean reversion: buy what has fallen well below its average, sell when it has come back.

Integers only: with the sum S of the last window_bars closes, a close c is entry_bps below the mean when
c * window_bars * 10000 <= S * (10000 - entry_bps); it has come back when
c * window_bars * 10000 >= S * (10000 - exit_bps). In between a position is kept as it is. With fewer bars
than window_bars a symbol is flat.
"""

from __future__ import annotations

from collections.abc import Mapping

from mqk.strategies import Context


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
