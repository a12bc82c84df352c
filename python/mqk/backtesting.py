"""How a strategy of Python's comes to its backtest: its signals in one go, or asked tick by tick.

The database keeps the bars, runs the rules and judges; this hands bars to a strategy and what it wants
back. Asked tick by tick a strategy sees exactly what the strategist would show it: the window up to the
tick, its positions, its equity. Those follow from what it wanted before, so the backtest is tried anew
whenever it changes its mind.
"""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from mqk.clock import Clock
from mqk.db import Connection, Row, call, call_row
from mqk.errors import MqkError
from mqk.strategies import Bar, Context, Strategy, Target, load, names
from mqk.strategies.study import BulkStrategy, Series, Signal, Study, list_signals

POISONS = ("UP", "DOWN", "ODD", "EVEN")
Future = tuple[int, str]  # the tick after which it is another one, and how
Stretches = dict[int, dict[str, Series]]  # by the tick from which on its shares are those of today
Given = tuple[int | str | None, ...]  # a signal as the database takes it


def shorten(signal: Signal) -> Given:
    """A signal as it is handed over: one at the market says nothing of orders."""
    return signal if signal.order_type != "MARKET" else signal[:4]


def find(config: Mapping[str, Any]) -> Strategy | None:
    """The strategy of a config if it is installed here; None: it is one of the database's."""
    name = config["strategy"]["strategy_id"]
    return load(name) if name in names() else None


def hash_code(strategy: Strategy) -> str:
    """SHA-256 of the file that a strategy is written in, and of its version."""
    source = Path(inspect.getfile(type(strategy))).read_bytes()
    return hashlib.sha256(source + f"\n{strategy.version}".encode()).hexdigest()


class Play:
    """One backtest of a config (canonical JSON) on a dataset."""

    def __init__(
        self, conn: Connection, clock: Clock, config: str, strategy: Strategy | None
    ) -> None:
        self.conn, self.clock, self.config, self.strategy = conn, clock, config, strategy
        self.terms = json.loads(config)["strategy"]
        self.row: Row = {}

    def call(self, door: str, **args: Any) -> list[Row]:
        """Call a door."""
        return call(self.conn, door, **args)

    def open(self, dataset_id: UUID) -> Row:
        """Open it; one that was opened before is given as it is."""
        code = hash_code(self.strategy) if self.strategy else None
        self.row = self.call(
            "api.backtest_open",
            dataset_id=dataset_id,
            config=self.config,
            code_sha256=code,
            now_at=self.clock(),
        )[0]
        return self.row

    def prepare(self, dataset_id: UUID) -> UUID:
        """Open it and give its signals; give its id. What was done before is not done again."""
        key = {"backtest_id": self.open(dataset_id)["backtest_id"]}
        if self.strategy and self.row["backtest_status"] == "CREATED":
            signals = self.ask()
            self.call("api.backtest_put_signals", **key, signals=signals, now_at=self.clock())
        backtest_id: UUID = key["backtest_id"]
        return backtest_id

    def run(self, dataset_id: UUID) -> Row:
        """Open it, give its signals and run it; give the result."""
        if self.strategy is None:
            given = {"dataset_id": dataset_id, "config": self.config}
            self.row = self.call("api.backtest_run", **given, now_at=self.clock())[0]
        else:
            key = {"backtest_id": self.prepare(dataset_id)}
            self.row = self.call("api.backtest_finish", **key, now_at=self.clock())[0]
        return self.row

    def ask(self, future: Future | None = None) -> list[Given] | None:
        """What the strategy wants of the dataset, or of another future; None: the database knows."""
        if self.strategy is None:
            return None
        cut, poison = future or (None, None)
        rows = self.call(
            "api.backtest_bars", backtest_id=self.row["backtest_id"], cut_tick=cut, poison=poison
        )
        stretches: Stretches = {}
        for row in rows:
            stretches.setdefault(row["from_tick"], {})[row["symbol"]] = Series.from_row(row)
        if isinstance(self.strategy, BulkStrategy):
            knobs = (self.terms["parameters"], self.terms["window_bars"])
            studies = {start: Study(series, *knobs) for start, series in stretches.items()}
            return [shorten(signal) for signal in list_signals(self.strategy, studies)]
        return Steps(self, self.strategy, stretches, (cut, poison)).walk()

    def prove(self, cuts: int, seed: int, tell: Callable[[int, int], None]) -> Row:
        """Try every cut with every future, then have it judged; `tell` hears how far it is."""
        key = {"backtest_id": self.row["backtest_id"]}
        ticks = [
            row["cut_tick"] for row in self.call("api.backtest_cuts", **key, cuts=cuts, seed=seed)
        ]
        futures = [(tick, poison) for tick in ticks for poison in POISONS]
        for n, (tick, poison) in enumerate(futures):
            tell(n, len(futures))
            self.call(
                "api.backtest_poison",
                **key,
                cut_tick=tick,
                poison=poison,
                signals=self.ask((tick, poison)),
                now_at=self.clock(),
            )
        tell(len(futures), len(futures))
        return self.call(
            "api.backtest_prove_lookahead", **key, cuts=cuts, seed=seed, now_at=self.clock()
        )[0]


class Steps:
    """A strategy that is asked tick by tick, once each and in order."""

    def __init__(
        self,
        play: Play,
        strategy: Strategy,
        stretches: Stretches,
        future: tuple[int | None, str | None],
    ) -> None:
        self.play, self.strategy, self.stretches, self.future = play, strategy, stretches, future
        self.symbols = list(stretches[1])
        self.ticks = play.call("api.backtest_ticks", backtest_id=play.row["backtest_id"])
        self.signals: list[Given] = []
        self.trial: Row = {}

    def walk(self) -> list[Given]:
        """All that it wants, as changes."""
        wants = dict.fromkeys(self.symbols, Target(0))
        self.attempt()
        for context, tick in self.contexts():
            wishes = self.strategy.on_bar(context)
            targets = {s: Target.of(wishes.get(s, 0)) for s in sorted({*wants, *wishes})}
            changed = {s: target for s, target in targets.items() if target != wants.get(s)}
            if changed:
                wants |= changed
                self.signals += [
                    shorten(Signal(tick, s, "SHARES", *vars(t).values()))
                    for s, t in changed.items()
                ]
                self.attempt()
        return self.signals

    def attempt(self) -> None:
        """What becomes of what it wanted until now."""
        cut, poison = self.future
        trial = call_row(
            self.play.conn,
            "api.backtest_try",
            backtest_id=self.play.row["backtest_id"],
            cut_tick=cut,
            poison=poison,
            signals=self.signals,
            now_at=self.play.clock(),
        )
        self.trial = trial or {}

    def contexts(self) -> Iterator[tuple[Context, int]]:
        """What it is shown, tick by tick, until the end or a halt; no tick without all its bars."""
        shown: dict[str, list[Bar]] = {}
        rows: dict[str, dict[int, Bar]] = {}
        held = dict.fromkeys(self.symbols, 0)
        symbols, booked, window = self.symbols, 0, self.play.terms["window_bars"]
        for tick in self.ticks:
            if now := self.stretches.get(tick["tick_no"]):  # what was shown before, in new shares
                rows = {symbol: self.bars(now[symbol]) for symbol in symbols}
                for symbol, bars in rows.items():
                    past = [bar for n, bar in bars.items() if n < tick["tick_no"]]
                    shown[symbol] = past[-window:]
            for symbol in symbols:
                if bar := rows[symbol].get(tick["tick_no"]):
                    shown[symbol] = [*shown[symbol], bar][-window:]
            if len(self.trial["equity_micros"]) < tick["tick_no"]:
                return
            fills = self.trial["fill_ticks"] or []
            while booked < len(fills) and fills[booked] <= tick["tick_no"]:
                symbol = symbols[self.trial["fill_symbols"][booked] - 1]
                held[symbol] += self.trial["fill_qtys"][booked]
                booked += 1
            if tick["is_complete"]:
                equity = self.trial["equity_micros"][tick["tick_no"] - 1]
                parameters = self.play.terms["parameters"]
                end: datetime = tick["bar_end_at"]
                yield Context(end, dict(shown), dict(held), equity, parameters), tick["tick_no"]

    def bars(self, one: Series) -> dict[int, Bar]:
        """The bars of a symbol by tick, oldest first."""
        values = zip(
            one.ticks, one.opens, one.highs, one.lows, one.closes, one.volumes, strict=True
        )
        places = {row["tick_no"]: (row["session_on"], row["bar_end_at"]) for row in self.ticks}
        return {tick: Bar(*places[tick], *numbers) for tick, *numbers in values}


def answer_step(conn: Connection, clock: Clock, study_id: UUID) -> None:
    """Ask the strategy that the next step of a study waits for, if it waits for one.

    Raises MqkError MQN05 if it is not installed here, MQS86 if it is not the one that it was.
    """
    for asked in call(conn, "api.backtest_ask", study_id=study_id, now_at=clock()):
        play = open_play(conn, clock, asked["config"])
        play.row = asked
        if play.strategy is None:
            law, fix = "the strategy is registered and enabled", "Install it here."
            raise MqkError("MQN05", law, play.terms["strategy_id"], fix)
        given = {"code_sha256": hash_code(play.strategy), "signals": play.ask()}
        call(conn, "api.backtest_answer", study_id=study_id, **given, now_at=clock())


def refuse_violation(proof: Row) -> None:
    """A verdict that is not clean ends a command with an error.

    Raises MqkError MQG82.
    """
    if proof["verdict"] != "CLEAN":
        law = "LOOKAHEAD_VIOLATION: a decision hangs only on bars that have closed"
        raise MqkError("MQG82", law, proof["violation"], "Correct the strategy.")


def open_play(conn: Connection, clock: Clock, config: str) -> Play:
    """The backtest of a config (canonical JSON), with its strategy if it is installed here."""
    return Play(conn, clock, config, find(json.loads(config)))
