"""What a strategy is: from what it is shown to the positions it wants. No clock, no database.

Yours is a class with `name`, `version` and `on_bar`, registered under the entry point group
`mqk.strategies`. Or write it in SQL: a function strat.decide_<name>(context jsonb).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib.metadata import entry_points
from typing import Any, Literal, Protocol

from mqk.errors import MqkError

GROUP = "mqk.strategies"
OrderType = Literal["MARKET", "LIMIT", "STOP", "STOP_LIMIT"]


@dataclass(frozen=True)
class Target:
    """A position in signed whole shares, and the order by which to get there; prices in micros, on whole
    cents, and only those that the type has. It works until the close of the day.
    """

    qty: int
    order_type: OrderType = "MARKET"
    limit_price_micros: int | None = None
    stop_price_micros: int | None = None

    @classmethod
    def of(cls, wish: int | Target) -> Target:
        """A target; shares alone are traded at the market."""
        return wish if isinstance(wish, Target) else cls(wish)

    def as_json(self) -> int | dict[str, Any]:
        """As the door io.plan_intents takes it: shares, or an object with the terms."""
        return self.qty if self == Target(self.qty) else dict(vars(self))


Wish = int | Target


@dataclass(frozen=True)
class Bar:
    """One closed bar; prices in micros (1e-6 dollars)."""

    session_on: date
    bar_end_at: datetime
    open_micros: int
    high_micros: int
    low_micros: int
    close_micros: int
    volume: int


@dataclass(frozen=True)
class Context:
    """All that a strategy may see: bars that closed by `bar_end_at` (oldest first, a bounded window),
    signed whole shares held, equity in micros, its parameters.
    """

    bar_end_at: datetime
    bars: Mapping[str, Sequence[Bar]]
    positions: Mapping[str, int]
    equity_micros: int
    parameters: Mapping[str, Any]

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Context:
        """From the document of the door io.get_strategy_context."""
        bars = {
            symbol: [
                Bar(date.fromisoformat(day), datetime.fromisoformat(end), *numbers)
                for day, end, *numbers in rows or ()
            ]
            for symbol, rows in document["bars"].items()
        }
        return cls(
            datetime.fromisoformat(document["bar_end_at"]),
            bars,
            dict(document["positions"]),
            document["equity_micros"],
            dict(document["parameters"]),
        )

    def size(self, symbol: str) -> int:
        """Whole shares that `weight_bps` of equity buys at the last close, rounded down."""
        budget = max(self.equity_micros, 0) * int(self.parameters["weight_bps"]) // 10000
        return budget // self.bars[symbol][-1].close_micros


class Strategy(Protocol):
    """A strategy."""

    name: str
    version: str

    def on_bar(self, context: Context) -> Mapping[str, Wish]:
        """Target positions in signed whole shares, at the market or as a Target says; a symbol that is
        left out means 0.
        """


def names() -> list[str]:
    """Names of all installed strategies."""
    return sorted({entry.name for entry in entry_points(group=GROUP)})


def load(name: str) -> Strategy:
    """The strategy registered under `name`.

    Raises MqkError MQN05 when there is none, MQS10 when there are two.
    """
    found = list(entry_points(group=GROUP, name=name))
    if not found:
        law, fix = "the strategy is registered and enabled", "or install the package that has it."
        raise MqkError("MQN05", law, name, f"One of {', '.join(names())}, {fix}")
    if len(found) > 1:
        where = ", ".join(e.value for e in found)
        raise MqkError(
            "MQS10", "one package brings a strategy name", f"{name}: {where}", "Uninstall one."
        )
    strategy: Strategy = found[0].load()()
    return strategy
