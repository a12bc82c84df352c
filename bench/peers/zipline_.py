"""zipline-reloaded: a bundle of the files, made before the run; the strategy keeps its own deques."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

os.environ["ZIPLINE_ROOT"] = mkdtemp()

import pandas
from common import CASH, FAST, FEE, SHARES, SLOW, tell
from zipline import run_algorithm
from zipline.api import order, set_commission, set_slippage, symbol
from zipline.data import bundles
from zipline.data.bundles.csvdir import csvdir_equities
from zipline.finance.commission import PerDollar
from zipline.finance.slippage import NoSlippage


def play(frames: dict[str, Any]) -> Callable[[], int]:
    """Ingest, then run."""
    first = next(iter(frames.values())).index
    kind = "minute" if first[1] - first[0] < pandas.Timedelta(days=1) else "daily"
    folder = Path(os.environ["ZIPLINE_ROOT"]) / "csv"
    (folder / kind).mkdir(parents=True)
    for name, frame in frames.items():
        late = frame.shift(freq="1min") if kind == "minute" else frame.tz_localize(None)
        late.to_csv(folder / kind / f"{name}.csv", index_label="date")
    begin, end = (at.tz_localize(None).normalize() for at in (first[0], first[-1]))
    terms = {"calendar_name": "XNYS", "start_session": begin, "end_session": end}
    bundles.register("mqk", csvdir_equities([kind], str(folder)), **terms)
    bundles.ingest("mqk", show_progress=False)

    def initialize(context: Any) -> None:
        set_commission(PerDollar(FEE))
        set_slippage(NoSlippage())
        context.closes = {symbol(name): deque(maxlen=SLOW) for name in frames}

    def handle_data(context: Any, data: Any) -> None:
        for asset, closes in context.closes.items():
            closes.append(data.current(asset, "close"))
            if len(closes) < SLOW:
                continue
            up = sum(list(closes)[-FAST:]) * SLOW > sum(closes) * FAST
            held = context.portfolio.positions[asset].amount
            if up and not held:
                order(asset, SHARES)
            elif not up and held:
                order(asset, -held)

    def run() -> int:
        done = run_algorithm(
            start=begin, end=end, initialize=initialize, handle_data=handle_data, bundle="mqk",
            capital_base=CASH, data_frequency=kind,
            benchmark_returns=pandas.Series(0.0, pandas.date_range(begin, end, tz="UTC")),
        )  # fmt: skip
        return int(done["transactions"].map(len).sum())

    return run


tell("zipline-reloaded", play)
