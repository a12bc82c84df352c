"""backtesting.py: one symbol."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import backtesting
from common import CASH, FAST, FEE, SHARES, SLOW, tell


class Cross(backtesting.Strategy):
    """Long while the fast average is above the slow one."""

    def init(self) -> None:
        """Averages over all bars."""
        close = self.data.Close.s
        self.fast = self.I(lambda: close.rolling(FAST).mean())
        self.slow = self.I(lambda: close.rolling(SLOW).mean())

    def next(self) -> None:
        """One bar."""
        up = self.fast[-1] > self.slow[-1]
        if up and not self.position:
            self.buy(size=SHARES)
        elif not up and self.position:
            self.position.close()


def play(frames: dict[str, Any]) -> Callable[[], int]:
    """The only frame."""
    if len(frames) > 1:
        raise SystemExit("plays one symbol only")
    frame = next(iter(frames.values())).rename(columns=str.title)
    test = backtesting.Backtest(frame, Cross, cash=CASH, commission=FEE)
    # a trade that is open at the end has one fill, the others two; `_trades` lists those that closed
    return lambda: 2 * len(test.run()["_trades"])


tell("backtesting", play)
