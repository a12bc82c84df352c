"""A rehearsal: the bars of a backtest through every door of the desk, in a database of its own.

The desk's database says what is played (config, calendar, bars) and judges what came of it, act by act.
Here a server that nobody else knows is started, the workers tick at the end of each bar as they would
have, and what the run did is carried back. The same bars, config and code give the same backtest there,
with the same id and digest: by that the desk's database knows that it was this one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from mqk import deployer
from mqk.backtesting import open_play
from mqk.brokers.paper import PaperBroker
from mqk.build import find_build
from mqk.clock import VirtualClock
from mqk.config.secrets import Secrets, list_names
from mqk.db import Connection, Row, call, call_row, call_value, connect
from mqk.desk import DATABASE
from mqk.embedded import Cluster
from mqk.errors import MqkError
from mqk.past import PastFeed, join_raw
from mqk.tick import Tick
from mqk.workers import ROLES
from mqk.workers import load as load_worker
from mqk.workers.strategist import announce, wire
from mqk.workers.wires import paper_terms

KINDS = ("marketdata", "broker_events", "snapshots", "strategist", "gateway")
Tell = Callable[[int, int], None]


@contextmanager
def open_stage() -> Iterator[Cluster]:
    """A server in memory with an empty desk and a login for each worker; gone at the end."""
    cluster = Cluster(f"test-rehearsal-{os.getpid()}", durable=False).start()
    try:
        cluster.sweep()
        cluster.ensure_database(DATABASE)
        deployer.deploy(cluster.url(DATABASE))
        for role in {*(ROLES[kind] for kind in KINDS), "operator"}:
            cluster.create_login(f"desk_{role}", f"mqk_{role}")
        yield cluster
    finally:
        cluster.stop(remove=True)


class Rehearsal:
    """One backtest on the stage: `plan` of api.promote_plan, its bars and its ticks."""

    def __init__(
        self, url: Callable[[str], str], plan: Mapping[str, Any], bars: list[Row], ticks: list[Row]
    ) -> None:
        self.plan = plan
        self.ends = [row["bar_end_at"] for row in ticks]
        self.feed = PastFeed(bars, ticks, plan["timeframe"])
        self.clock = VirtualClock(datetime.fromisoformat(plan["begins_at"]))
        self.url = url
        law, fix = "preflight passes before arming", "Backtest more bars than its window has."
        self.refusal: MqkError | None = MqkError("MQG03", law, "no bar has ended", fix)

    def play(self, tell: Tell) -> dict[str, Any]:
        """Play it to its end; give the twin, the run and its acts."""
        with ExitStack() as stack:
            self.operator = stack.enter_context(connect(self.url("operator"), "mqk-rehearsal"))
            self.load()
            ticks = self.open_workers(stack)
            run_id = self.create(ticks)
            for n in range(self.plan["ticks"]):
                tell(n, len(self.ends))
                self.move(n)
                self.step(ticks, run_id)
            if self.refusal:
                raise self.refusal
            acts = call(self.operator, "api.promote_acts", run_id=run_id)
            for n in range(self.plan["ticks"], len(self.ends)):  # what came after a halt
                self.move(n)
                load_worker("marketdata").tick(ticks["marketdata"])
            return {"twin": self.play_twin(), "run_id": run_id, "acts": acts}

    def load(self) -> None:
        """Calendar, instruments, strategies."""
        place = {"exchange_id": self.plan["exchange_id"], "time_zone": self.plan["time_zone"]}
        rows = {"rows": self.plan["sessions"], "now_at": self.clock()}
        call(self.operator, "api.md_load_calendar", **place, **rows)
        instruments = {"rows": self.plan["instruments"], "now_at": self.clock()}
        call(self.operator, "api.md_load_instruments", **instruments)
        self.announce()

    def announce(self) -> None:
        """Corporate actions that have been announced by now."""
        now, actions = self.clock(), self.plan["actions"]
        rows = [row for row in actions if datetime.fromisoformat(row["announced_at"]) <= now]
        self.plan = {**self.plan, "actions": actions[len(rows) :]}
        if rows:
            digest = sha256(json.dumps(rows).encode()).hexdigest()
            told = {"source": "rehearsal", "source_sha256": digest, "rows": rows}
            call(self.operator, "api.md_load_actions", **told, now_at=now)

    def open_workers(self, stack: ExitStack) -> dict[str, Tick]:
        """A session and a tick for each worker, under its own role."""
        ticks = {}
        for kind in KINDS:
            conn = stack.enter_context(connect(self.url(ROLES[kind]), f"mqk-rehearsal-{kind}"))
            ticks[kind] = Tick(conn, {}, kind, f"{kind}@rehearsal", self.clock)
        announce(ticks["strategist"].conn, self.clock())
        return ticks

    def create(self, ticks: dict[str, Tick]) -> UUID:
        """Create the run that the plan says."""
        made = self.act("api.run_create", config=self.plan["config"], as_of_at=self.clock())
        run_id: UUID = made["run_id"]
        run = call_value(self.operator, "api.run_show", run_id=run_id)
        for tick in ticks.values():
            tick.run = run
            tick.secrets = Secrets(dict.fromkeys(list_names(run["config"]), "rehearsal"))
            tick.broker = PaperBroker(tick.conn, run["account_id"], self.clock)
            tick.register()
        ticks["snapshots"].broker.open(paper_terms(run["config"]))  # type: ignore[union-attr]
        ticks["marketdata"].wires["feed"] = self.feed
        ticks["strategist"].broker = None
        wire(ticks["strategist"])
        return run_id

    def step(self, ticks: dict[str, Tick], run_id: UUID) -> None:
        """The end of a bar: facts come in, the run is armed if it may be, then it decides and sends, until
        no worker has anything left to do.
        """
        for kind in KINDS[:3]:
            load_worker(kind).tick(ticks[kind])
        if self.refusal:
            ticks["gateway"].lead()
            self.arm(run_id)
        idle = 0
        while idle < 2:  # one round may plan what the next one sends
            load_worker("strategist").tick(ticks["strategist"])
            idle = 0 if load_worker("gateway").tick(ticks["gateway"]) else idle + 1
            load_worker("broker_events").tick(ticks["broker_events"])

    def arm(self, run_id: UUID) -> None:
        """Arm and begin as soon as preflight passes: at the end of the bar that fills the window."""
        try:
            words = call_value(self.operator, "api.run_arm_words", run_id=run_id)
            self.act("api.run_arm", run_id=run_id, confirm=words)
        except MqkError as no:
            self.refusal = no
        else:
            self.act("api.run_begin", run_id=run_id)
            self.refusal = None

    def move(self, n: int) -> None:
        """To the end of the bar of this index."""
        self.clock.move_to(self.ends[n])
        self.feed.tick = n
        self.announce()

    def play_twin(self) -> dict[str, str]:
        """The backtest of what this database has: the same bars, config and code are the same backtest."""
        frozen = call(
            self.operator,
            "api.backtest_freeze",
            timeframe=self.plan["timeframe"],
            symbols=self.plan["symbols"],
            from_on=self.plan["from_on"],
            to_on=self.plan["to_on"],
            now_at=self.clock(),
        )[0]
        play = open_play(self.operator, self.clock, self.plan["backtest_config"])
        twin = play.run(frozen["dataset_id"])
        return {"backtest_id": str(twin["backtest_id"]), "digest": twin["digest"]}

    def act(self, function: str, **args: Any) -> Row:
        """An operator action that must not be refused."""
        row = call_row(self.operator, function, **args, now_at=self.clock())
        assert row is not None
        if row["outcome"] == "REFUSED":
            raise MqkError(row["error_code"], row["law"], row["detail"], row["fix"])
        return row


def rehearse(
    conn: Connection, backtest_id: UUID, now_at: Callable[[], datetime], tell: Tell
) -> Row:
    """Rehearse a backtest that ended and have it judged; give the verdict.

    Raises MqkError MQA87 for one that has not ended, and what any door of the desk refuses.
    """
    plan = call_value(conn, "api.promote_plan", backtest_id=backtest_id)
    if plan is None:
        law = "a study and a promotion are of a backtest that ended"
        raise MqkError("MQA87", law, str(backtest_id), "Run it first: mqk backtest run.")
    key = {"backtest_id": backtest_id}
    bars = join_raw(call(conn, "api.backtest_bars", **key, cut_tick=None, poison=None))
    ticks = call(conn, "api.backtest_ticks", **key)
    with open_stage() as stage:
        url = lambda role: stage.url(DATABASE, f"desk_{role}")  # noqa: E731
        played = Rehearsal(url, plan, bars, ticks).play(tell)
    return call(conn, "api.promote_rehearse", **key, build=find_build(), **played, now_at=now_at())[
        0
    ]
