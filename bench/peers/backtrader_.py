"""backtrader: preloaded, runonce, indicators as lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import backtrader
from common import CASH, FAST, FEE, SHARES, SLOW, tell


class Cross(backtrader.Strategy):
    """Long while the fast average is above the slow one."""

    def __init__(self) -> None:
        self.fills = 0
        average = backtrader.indicators.SMA
        self.up = {d: average(d, period=FAST) > average(d, period=SLOW) for d in self.datas}

    def notify_order(self, order: Any) -> None:
        """Count executions."""
        self.fills += order.status == order.Completed

    def next(self) -> None:
        """One bar of every symbol."""
        for data, up in self.up.items():
            held = self.getposition(data).size
            if up[0] and not held:
                self.buy(data, size=SHARES)
            elif not up[0] and held:
                self.sell(data, size=SHARES)


def play(frames: dict[str, Any]) -> Callable[[], int]:
    """Feeds of the frames."""
    brain = backtrader.Cerebro(stdstats=False)
    brain.broker.setcash(CASH)
    brain.broker.setcommission(FEE)
    brain.addstrategy(Cross)
    for frame in frames.values():
        naive = frame.tz_localize(None)
        brain.adddata(
            backtrader.feeds.PandasData(dataname=naive, timeframe=backtrader.TimeFrame.Minutes)
        )
    return lambda: int(brain.run()[0].fills)


tell("backtrader", play)
