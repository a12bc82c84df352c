"""One desk in its world: processes that live and die, people, a venue, and what each of them may do."""

from __future__ import annotations

import contextlib
import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from mqk.clock import VirtualClock
from mqk.config.load import canonical, load, merge
from mqk.db import Connection, call, call_value
from mqk.desk import default_layers
from mqk.errors import INVARIANT_BROKE, MqkError
from mqk.simulating.line import Crash, Line, Switch, Trace
from mqk.simulating.link import Link
from mqk.simulating.market import DAYS, STOCKS, Market, close_of
from mqk.simulating.oracles import Oracles
from mqk.simulating.venue import Venue
from mqk.simulating.world import World
from mqk.strategies import Wish
from mqk.tick import StandBy, Tick
from mqk.workers import load as load_worker

ACCOUNT, ENGINE, CASH = "PAPER-SIM-0001", "SIM", 100_000
KINDS = ("marketdata", "broker_events", "snapshots", "strategist", "gateway")
LED = KINDS[1:]
OURS = ("MQ", "40001")  # what a call may be refused with: a law of ours, or a fault point


@dataclass(frozen=True)
class Terms:
    """What the seed draws for a whole life."""

    stop_bps: int
    lease_seconds: int
    gate_ttl_seconds: int
    step_bps: int  # of the market
    dedupes: bool
    fee_micros: int
    losses: int  # messages of a hundred
    doubles: int
    shuffles: bool
    max_order_qty: int
    max_rejects: int
    hidden_ms: int
    is_picky: bool  # half of what it wants is to be had by orders with prices


class Broken(Exception):
    """Something that must not happen has happened."""


class Given:
    """The strategy: wants what it was told last."""

    name, version = "given", "1"

    def __init__(self) -> None:
        self.targets: dict[str, Wish] = {}

    def on_bar(self, _: Any) -> Mapping[str, Wish]:
        """The targets."""
        return self.targets


class Desk:
    """Everything of one life. `broken` is what was found wrong, in words."""

    def __init__(self, world: World, seed: object, terms: Terms, *, keeps: bool = False) -> None:
        self.world, self.terms = world, terms
        self.clock: VirtualClock = world.begin()
        self.switch, self.trace = Switch(), Trace(keeps=keeps)
        self.calls: Counter[str] = Counter()
        self.market = Market(seed, terms.step_bps)
        self.venue = Venue(ACCOUNT, CASH * 1_000_000, terms.dedupes, terms.fee_micros)
        self.link = Link(self.venue, self.clock, self.switch.pass_place)
        self.given, self.starts = Given(), 0
        self.is_foreign = False  # somebody traded at the broker by hand
        self.actions: list[
            tuple[datetime, str, int, int, int]
        ] = []  # due at, symbol, new for old, ex
        self.processes: dict[tuple[str, int], Tick] = {}
        self.broken: list[str] = []
        self.oracles = Oracles(self)
        line = Line(world.conn, self.switch, self.trace, self.calls, self.oracles.see)
        self.line = cast(Connection, line)  # it stands in for one
        made = self.act("run_create", config=self.make_config(), as_of_at=self.clock())
        if made["outcome"] != "DONE":
            raise Broken(f"no run: {made} {self.broken}")
        self.run_id = made["run_id"]
        self.run = call_value(self.line, "api.run_show", run_id=self.run_id)
        self.oracles.begin()

    def make_config(self) -> str:
        """The run's config: the base layer, and what the seed draws."""
        t = self.terms
        wide = {"max_order_notional": 1, "max_position_per_symbol": 1, "max_concentration": 1}
        return canonical(merge(load(default_layers()), {
            "engine": {"engine_id": ENGINE},
            "runtime": {"clock": "VIRTUAL", "deadman_ttl_seconds": 432_000,
                        "gate_ttl_seconds": t.gate_ttl_seconds, "lease_seconds": t.lease_seconds},
            "broker": {"account_id": ACCOUNT, "initial_cash": CASH},
            "data": {"feed": "test", "gap_window_bars": 2, "benchmark_symbol": "IDX",
                     "outlier_policy": "IGNORE", "split_tolerance_bps": 0},
            "reconcile": {"grace_ms": 3000},
            "risk": {**wide, "daily_loss_limit": 0.05, "max_drawdown": 0.3,
                     "max_order_qty": t.max_order_qty,
                     "reject_storm": {"max_rejects": t.max_rejects, "window_seconds": 300}},
            "strategy": {"strategy_id": "given", "window_bars": 2, "symbols": list(STOCKS),
                         "protective_stop_bps": t.stop_bps, "parameters": {}},
        }))  # fmt: skip

    @property
    def now(self) -> datetime:
        """The virtual time."""
        return self.clock()

    def say(self, what: str) -> None:
        """Something is wrong."""
        self.broken.append(what)

    # People.

    def act(self, command: str, **args: Any) -> dict[str, Any]:
        """An operator's action; its row, refused or not. A code that is not ours is wrong."""
        row = self.ask(f"api.{command}", **args)
        return row[0] if row else {"outcome": "FAILED"}

    def ask(self, function: str, **args: Any) -> list[dict[str, Any]]:
        """A call of a person; its rows, none if it was refused."""
        return self._call(function, **args, now_at=self.now)

    def set_fault(self, n: int | None) -> None:
        """From now on the n-th table takes no write; None: all do."""
        call(self.world.conn, "simulating.set_fault", n=n)

    def _call(self, function: str, **args: Any) -> list[dict[str, Any]]:
        try:
            return call(self.line, function, **args)
        except MqkError as no:
            self.judge(function, no)
            return []

    def judge(self, who: str, no: MqkError) -> None:
        """A refusal must be one of ours; a broken invariant is never in order."""
        if not no.code.startswith(OURS) or no.code.startswith("MQI"):
            self.say(f"{who}: {no}")

    def arm(self) -> str:
        """As an operator: read the words, arm, begin; where the run stands then."""
        words = call_value(self.line, "api.run_arm_words", run_id=self.run_id)
        armed = self.act("run_arm", run_id=self.run_id, confirm=words)
        if armed["outcome"] == "DONE":
            self.act("run_begin", run_id=self.run_id)
        return self.status

    @property
    def status(self) -> str:
        """Where the run stands."""
        return str(self.look()["status"])

    def look(self) -> dict[str, Any]:
        """The desk from inside, past all doors."""
        seen = call_value(self.world.conn, "simulating.look", run_id=self.run_id)
        assert isinstance(seen, dict)
        return seen

    # Processes.

    def spawn(self, kind: str, who: int) -> Tick:
        """Start a process of a worker; `who` 0 or 1: each on a machine of its own."""
        self.starts += 1
        token = f"{kind} {self.starts}"
        tick = Tick(self.line, self.run, kind, f"{kind}@{who}", self.clock, self.link, token=token)
        if kind == "marketdata":
            tick.broker, tick.wires["feed"] = None, self.market
        if kind == "strategist":
            tick.wires["strategy"] = self.given
        tick.register()
        self.processes[kind, who] = tick
        return tick

    def work(self, kind: str, who: int = 0) -> str:
        """One tick of a worker, as mqk.worker does it; what became of it."""
        try:
            with contextlib.redirect_stderr(io.StringIO()):
                tick = self.processes.get((kind, who)) or self.spawn(kind, who)
                load_worker(kind).tick(tick)
            return "done"
        except StandBy:
            return "stands by"
        except Crash:
            self.processes.pop((kind, who), None)
            return "dead"
        except MqkError as no:
            self.judge(kind, no)
            if no.exit_code == INVARIANT_BROKE:
                self._call("io.halt_run", run_id=self.run_id, reason=str(no), now_at=self.now)
            self.processes.pop((kind, who), None)
            return no.code
        except Exception as bug:  # whatever a worker does not foresee ends its process
            self.say(f"TRACEBACK: {kind}: {type(bug).__name__}: {bug}")
            self.processes.pop((kind, who), None)
            return "dead"
        finally:
            self.switch.reset()

    def release(self, kind: str, who: int) -> None:
        """End a process in peace."""
        if tick := self.processes.pop((kind, who), None):
            with contextlib.redirect_stderr(io.StringIO()):
                tick.release()

    # Time.

    def wait(self, ms: int) -> None:
        """Time passes, and what was due at the venue happens."""
        self.clock.move_to(self.now + timedelta(milliseconds=ms))
        for action in [a for a in self.actions if a[0] <= self.now]:
            self.actions.remove(action)
            self.split(*action[1:])

    @property
    def session(self) -> int:
        """The last session that has closed (0 before the first)."""
        return max(sum(close_of(day) <= self.now for day in DAYS) - 1, 0)

    def close_session(self) -> None:
        """Go to five minutes after the next close; the market ends before its calendar does."""
        ahead = [day for day in DAYS[:-6] if close_of(day) > self.now]
        if ahead:
            due = close_of(ahead[0]) + timedelta(minutes=5)
            self.wait(int((due - self.now).total_seconds() * 1000))

    def split(self, symbol: str, new: int, old: int, ex: int) -> None:
        """The venue splits: resting orders end, shares multiply, a fraction is paid at the last close."""
        for order in self.venue.working(symbol):
            self.venue.end(order, "canceled", self.now)
        for execution in self.venue.executions:
            execution.is_old = execution.is_old or execution.order.symbol == symbol
        held = self.venue.positions.get(symbol, 0)
        whole, rest = divmod(held * new, old)
        last = self.market.price(symbol, ex - 1)
        self.venue.move(symbol, whole - held, rest * last // new)
