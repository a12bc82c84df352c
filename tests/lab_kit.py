"""A store with random bars, a dataset of them, and backtests of any strategy."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from actions_kit import announce
from kit import Desk, close_of
from mqk.backtesting import Play, find
from mqk.config.load import canonical, merge
from mqk.strategies import Context, Strategy
from mqk.strategies.study import Signal, Study

Splits = Mapping[tuple[str, int], tuple[int, int]]  # by symbol and session (from 0): new for old
A_DAY = 78  # slots of five minutes
SLOT = timedelta(minutes=5)


def closes_of(dataset: str, symbol: str) -> str:
    """SQL for all closes of one symbol of a dataset, tick by tick; null where there is no bar."""
    slots = f"({symbol} - 1) * cardinality(k.ends_at) + 1 : {symbol} * cardinality(k.ends_at)"
    return (
        f"(select array_agg(c.close order by k.pack_no, c.nth) from lab.packs as k"
        f" cross join lateral unnest(k.closes[{slots}]) with ordinality as c (close, nth)"
        f" where k.dataset_id = {dataset})"
    )


class Lab(Desk):
    """Random daily or five-minute bars, some missing, frozen; `play` runs a strategy on them."""

    sessions = 80
    prices: Mapping[str, int] = {"AAA": 100, "BBB": 50, "CCC": 20}

    def __init__(
        self,
        url: str,
        seed: int = 1,
        *,
        timeframe: str = "1D",
        holes: bool = False,
        ticks: int = 60,
        splits: Splits | None = None,
    ) -> None:
        super().__init__(url)
        self.random = Random(seed)
        self.splits = splits or {}
        for (symbol, session), (num, den) in self.splits.items():
            announce(self, session, symbol=symbol, ratio=f"{num}:{den}")
        self.timeframe, self.symbols = timeframe, ["AAA", "BBB", "CCC"]
        rows = [
            self.draw(symbol, tick, close)
            for symbol in self.symbols
            for tick, close in enumerate(self.split(symbol, ticks), 1)
            if not (holes and self.random.random() < 0.05)
        ]
        last = self.days[ticks - 1 if timeframe == "1D" else (ticks - 1) // A_DAY]
        self.clock.move_to(close_of(last) + timedelta(minutes=5))
        for n in range(0, len(rows), 500):
            self.ingest(rows[n : n + 500], timeframe=timeframe)
        self.dataset = self.call(
            "api.backtest_freeze",
            timeframe=timeframe,
            symbols=self.symbols,
            from_on=self.days[0],
            to_on=last,
            now_at=self.now,
        )[0]["dataset_id"]

    def walk(self, price: float, ticks: int) -> Iterable[float]:
        """A random walk."""
        for _ in range(ticks):
            price = max(2.0, price * (1 + self.random.gauss(0, 0.03)))
            yield round(price, 2)

    def split(self, symbol: str, ticks: int) -> Iterable[float]:
        """A walk, its prices in the shares of their day."""
        num, den = 1, 1
        for tick, close in enumerate(self.walk(self.prices[symbol], ticks)):
            day, slot = (tick, 0) if self.timeframe == "1D" else divmod(tick, A_DAY)
            if slot == 0 and (symbol, day) in self.splits:
                num, den = num * self.splits[symbol, day][0], den * self.splits[symbol, day][1]
            yield max(0.01, round(close * den / num, 2))

    def draw(self, symbol: str, tick: int, close: float) -> dict[str, Any]:
        """One bar that closes there, as a feed would give it."""
        begin = round(close * (1 + self.random.gauss(0, 0.01)), 2)
        high = round(max(begin, close) * 1.01, 2)
        low = round(min(begin, close) * 0.99, 2)
        volume = self.random.choice([self.random.randrange(500), 1_000_000])
        row = {"line_no": 2, "symbol": symbol, "timeframe": self.timeframe, "volume": str(volume)}
        prices = {"open": begin, "high": high, "low": low, "close": close}
        row |= {name: str(price) for name, price in prices.items()}
        if self.timeframe == "1D":
            return {**row, "session_on": self.days[tick - 1].isoformat()}
        day = self.days[(tick - 1) // A_DAY]
        opens = datetime(day.year, day.month, day.day, 14, 30, tzinfo=UTC)
        return {**row, "starts_at": (opens + (tick - 1) % A_DAY * SLOT).isoformat()}

    def configure(self, strategy_id: str, window: int, **parameters: Any) -> str:
        """The config of a strategy on the dataset."""
        terms = {
            "strategy_id": strategy_id,
            "symbols": self.symbols,
            "window_bars": window,
            "parameters": parameters,
        }
        data = {"timeframe": self.timeframe, "stale_data_threshold_seconds": 86400}
        return canonical(merge(self.config, {"data": data, "strategy": terms}))

    def play(self, strategy: Strategy | str, window: int = 10, **parameters: Any) -> Play:
        """Run a strategy, or the SQL strategy of that name, on the dataset."""
        name = strategy if isinstance(strategy, str) else strategy.name
        config = self.configure(name, window, **parameters)
        play = Play(self.conn, self.clock, config, None if isinstance(strategy, str) else strategy)
        play.run(self.dataset)
        return play

    def play_config(self, config: str) -> Play:
        """Run a config as a command would."""
        play = Play(self.conn, self.clock, config, find(json.loads(config)))
        play.run(self.dataset)
        return play

    def prove(self, play: Play, cuts: int = 4, seed: int = 1) -> dict[str, Any]:
        """The verdict."""
        return play.prove(cuts, seed, lambda _done, _all: None)

    def facts(self, play: Play) -> list[dict[str, Any]]:
        """All that a backtest did, but the signals, which may be said in other words."""
        return self.sql(
            "select tick_no, kind, place, fact from lab.list_facts(%s, 1000000)"
            " where kind <> '1 signal' order by 1, 2, 3, 4",
            play.row["backtest_id"],
        )


class Named:
    """What the strategies of these tests have in common."""

    name, version = "tested", "1"


class Bulk(Named):
    """Signals of every symbol by a rule: what it wants at index n of a series, in shares."""

    def __init__(self, rule: Callable[[Study, str, int], int]) -> None:
        self.rule = rule

    def on_bar(self, context: Context) -> Mapping[str, int]:
        """Not asked."""
        raise NotImplementedError

    def signals(self, study: Study) -> Iterable[Signal]:
        """What the rule says, at each tick."""
        return [
            Signal(tick, symbol, "SHARES", self.rule(study, symbol, n))
            for symbol, series in study.series.items()
            for n, tick in enumerate(series.ticks)
        ]


class Stepped(Named):
    """A strategy that is asked tick by tick."""

    def __init__(self, decide: Callable[[Context], Mapping[str, int]]) -> None:
        self.decide = decide

    def on_bar(self, context: Context) -> Mapping[str, int]:
        """What the given function says."""
        return self.decide(context)
