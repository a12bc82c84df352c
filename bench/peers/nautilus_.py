"""nautilus_trader: low-level engine, bars of the frames, market orders."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from common import CASH, FAST, SHARES, SLOW, tell
from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.config import LoggingConfig
from nautilus_trader.indicators import SimpleMovingAverage
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.data import BarType
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import Venue
from nautilus_trader.model.objects import Money, Quantity
from nautilus_trader.persistence.wranglers import BarDataWrangler
from nautilus_trader.test_kit.providers import TestInstrumentProvider
from nautilus_trader.trading.strategy import Strategy


class Cross(Strategy):  # type: ignore[misc]
    """Long while the fast average is above the slow one."""

    def __init__(self, kinds: dict[Any, Any]) -> None:
        super().__init__()
        self.kinds = kinds
        self.means = {k: (SimpleMovingAverage(FAST), SimpleMovingAverage(SLOW)) for k in kinds}
        self.fills = 0

    def on_start(self) -> None:
        """Averages hang on the bars."""
        for kind, means in self.means.items():
            for mean in means:
                self.register_indicator_for_bars(kind, mean)
            self.subscribe_bars(kind)

    def on_order_filled(self, _event: Any) -> None:
        """Count executions."""
        self.fills += 1

    def on_bar(self, bar: Any) -> None:
        """One bar."""
        fast, slow = self.means[bar.bar_type]
        if not slow.initialized:
            return
        instrument = self.kinds[bar.bar_type]
        flat, up = self.portfolio.is_flat(instrument), fast.value > slow.value
        if up == flat:
            side = OrderSide.BUY if up else OrderSide.SELL
            quantity = Quantity.from_int(SHARES)
            self.submit_order(self.order_factory.market(instrument, side, quantity))


def play(frames: dict[str, Any]) -> Callable[[], int]:
    """One instrument a symbol, on one venue."""
    engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True)))
    engine.add_venue(
        Venue("XNAS"), OmsType.NETTING, AccountType.MARGIN, [Money(CASH, USD)], USD, Decimal(1)
    )
    kinds = {}
    for name, frame in frames.items():
        instrument = TestInstrumentProvider.equity(name, "XNAS")
        engine.add_instrument(instrument)
        kind = BarType.from_str(f"{instrument.id}-1-MINUTE-LAST-EXTERNAL")
        kinds[kind] = instrument.id
        engine.add_data(BarDataWrangler(kind, instrument).process(frame))
    strategy = Cross(kinds)
    engine.add_strategy(strategy)

    def run() -> int:
        engine.run()
        return int(strategy.fills)

    return run


tell("nautilus_trader", play)
