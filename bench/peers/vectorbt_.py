"""vectorbt: vectors, no path-dependent risk; the second call, when all is compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas
import vectorbt
from common import CASH, FAST, FEE, SHARES, SLOW, tell


def play(frames: dict[str, Any]) -> Callable[[], int]:
    """One column a symbol."""
    close = pandas.DataFrame({name: frame["close"] for name, frame in frames.items()})
    begin = pandas.DataFrame({name: frame["open"] for name, frame in frames.items()})

    def run() -> int:
        fast, slow = (vectorbt.MA.run(close, n).ma.to_numpy() for n in (FAST, SLOW))
        up = pandas.DataFrame(fast > slow, close.index, close.columns).vbt.fshift(
            1, fill_value=False
        )
        done = vectorbt.Portfolio.from_signals(
            close, up, ~up, price=begin, size=SHARES, fees=FEE, init_cash=CASH, freq="1min"
        )
        done.value()
        return int(done.orders.count().sum())

    run()
    return run


tell("vectorbt", play)
