"""A whole dataset for a strategy that can say in one go what it would want at each bar.

Such a strategy also has `signals(study)`. It must want what its `on_bar` would want, bar by bar; what
depends on its own positions or equity it leaves to the kind of signal. `mqk backtest prove-lookahead`
shows whether it uses a bar before it is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol, runtime_checkable

Kind = Literal["SHARES", "WEIGHT", "KEEP"]


@dataclass(frozen=True)
class Series:
    """The bars of one symbol, oldest first; `ticks` says at which tick (from 1) each ends, `opens` to
    `closes` are micros, `volumes` shares.
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
        ticks: Sequence[int] = range(1, len(row["volumes"]) + 1)
        if None in row["volumes"]:
            ticks = [n for n, volume in enumerate(row["volumes"], 1) if volume is not None]
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
    the position is opened and kept while the sign stays, or KEEP (amount 0): what is held.
    """

    tick: int
    symbol: str
    kind: Kind
    amount: int


@runtime_checkable
class BulkStrategy(Protocol):
    """A strategy that gives the signals of a whole dataset."""

    def signals(self, study: Study) -> Iterable[Signal]:
        """What it wants and when it changes its mind; nothing yet means flat."""
