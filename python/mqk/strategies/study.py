"""A whole dataset for a strategy that can say in one go what it would want at each bar.

Such a strategy also has `signals(study)`. It must want what its `on_bar` would want, bar by bar; what
depends on its own positions or equity it leaves to the kind of signal. `mqk backtest prove-lookahead`
shows whether it uses a bar before it is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol, runtime_checkable

from mqk.strategies import OrderType

Kind = Literal["SHARES", "WEIGHT", "KEEP"]


@dataclass(frozen=True)
class Series:
    """The bars of one symbol, oldest first; `ticks` says at which tick (from 1) each ends, `opens` to
    `closes` are micros, `volumes` shares. Where the dataset has splits, each stretch between two is a
    series of its own, in the shares of then, that begins a window earlier.
    """

    ticks: Sequence[int]
    opens: Sequence[int]
    highs: Sequence[int]
    lows: Sequence[int]
    closes: Sequence[int]
    volumes: Sequence[int]

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Series:
        """From a row of api.backtest_bars, where a missing bar is a null."""
        names = ("opens", "highs", "lows", "closes", "volumes")
        columns = [row[name] for name in names]
        first = row["first_tick"]
        ticks: Sequence[int] = range(first, first + len(row["volumes"]))
        if None in row["volumes"]:
            ticks = [n for n, volume in enumerate(row["volumes"], first) if volume is not None]
            columns = [[value for value in column if value is not None] for column in columns]
        return cls(ticks, *columns)


@dataclass(frozen=True)
class Study:
    """Series by symbol, the strategy's parameters, and how many bars on_bar would be shown."""

    series: Mapping[str, Series]
    parameters: Mapping[str, Any]
    window_bars: int


class Signal(NamedTuple):
    """What is wanted of a symbol from a tick on: SHARES (signed), a WEIGHT of equity in bps, sized when
    the position is opened and kept while the sign stays, or KEEP (amount 0): what is held. From then on
    it is traded by orders of that type, at those prices in micros, until another signal.
    """

    tick: int
    symbol: str
    kind: Kind
    amount: int
    order_type: OrderType = "MARKET"
    limit_price_micros: int | None = None
    stop_price_micros: int | None = None


@runtime_checkable
class BulkStrategy(Protocol):
    """A strategy that gives the signals of a whole dataset."""

    def signals(self, study: Study) -> Iterable[Signal]:
        """What it wants and when it changes its mind; nothing yet means flat."""


def list_signals(strategy: BulkStrategy, studies: Mapping[int, Study]) -> list[Signal]:
    """What a strategy wants of a dataset, out of a study for each tick from which on shares are others:
    up to the next such tick it wants what it wants of that study alone.
    """
    wants: dict[str, Signal] = {}
    found: list[Signal] = []
    for start, study in sorted(studies.items()):
        given = sorted(strategy.signals(study))
        if start > 1:
            opening = {symbol: Signal(start, symbol, "WEIGHT", 0) for symbol in study.series}
            for signal in given:
                if signal.tick <= start:
                    opening[signal.symbol] = signal._replace(tick=start)
            news = [s for s in opening.values() if wants.get(s.symbol, FLAT)[2:] != s[2:]]
            given = sorted([*news, *(signal for signal in given if signal.tick > start)])
        wants |= {signal.symbol: signal for signal in given}
        found += given
    return found


FLAT = Signal(0, "", "WEIGHT", 0)
