"""The demo: a finished paper-trading run on real bars, through every room, by the real workers.

Time is virtual: it goes from one market close to the next. At each close, in this order, every worker
has its tick in its own session, logged in as its own role: bars come in and the paper market trades
them, fills are booked, the broker's snapshot is compared, the strategy decides, orders go out.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from mqk import deployer, sqitch
from mqk.clock import VirtualClock
from mqk.config.load import canonical, load, merge
from mqk.db import Connection, call, call_value, connect
from mqk.desk import DATABASE, PAPER_DATABASE, config_root, data_root, default_layers
from mqk.embedded import Cluster, database_url
from mqk.errors import MqkError
from mqk.feeds.csv import ReplayFeed
from mqk.loading import ingest_file, load_calendar, load_instruments
from mqk.reporting import export_run
from mqk.strategies import load as load_strategy
from mqk.worker import Tick
from mqk.workers import load as load_worker

ROLES = {
    "marketdata": "md",
    "broker_events": "inbox",
    "snapshots": "recon",
    "strategist": "strategy",
    "gateway": "dispatch",
    "deadman": "recon",
}
AFTER_CLOSE = timedelta(minutes=5)
BEFORE_CLOSE = timedelta(hours=12)  # the morning of the first session
PARAMETERS = {
    "sma_trend": {"fast_bars": 10, "slow_bars": 50, "weight_bps": 2200},
    "sma_trend_sql": {"fast_bars": 10, "slow_bars": 50, "weight_bps": 2200},
    "mean_reversion": {"window_bars": 20, "entry_bps": 400, "exit_bps": 0, "weight_bps": 2200},
}


@dataclass
class Desk:
    """Where the desk and the paper broker are, and under which names one logs in."""

    url: str
    paper_url: str
    cluster: Cluster | None

    def connect(self, role: str) -> Connection:
        """A session as a role's own login (on the user's server: as the user)."""
        url = self.cluster.url(DATABASE, f"desk_{role}") if self.cluster else self.url
        return connect(url, f"mqk-demo-{role}")

    def connect_paper(self, role: str) -> Connection:
        """A session with the paper broker."""
        url = self.cluster.url(PAPER_DATABASE, f"desk_{role}") if self.cluster else self.paper_url
        return connect(url, f"mqk-demo-paper-{role}")


def run_demo(*, sessions: int, start: str, strategy: str, out: Path) -> dict[str, Any]:
    """Do it all; give the figures of the run and where its report is."""
    say = Console(stderr=True, highlight=False)
    with ExitStack() as stack:
        desk = open_desk(say)
        operator = stack.enter_context(desk.connect("operator"))
        days = trading_days(start, sessions)
        clock = VirtualClock(days[0] - BEFORE_CLOSE)
        load_market(operator, clock(), say)
        ticks = open_workers(desk, clock, stack)
        run_id = start_run(operator, ticks, clock, strategy, days[0])
        say.print(f"run {run_id} is running on {len(days)} sessions")
        for day in progress(days, say):
            clock.move_to(day + AFTER_CLOSE)
            trade_session(ticks, clock)
        stop_run(operator, run_id, clock)
        files = export_run(operator, run_id, out, clock(), replace=True)
        result = summarize(operator, run_id, clock(), files)
        say_result(result, out / str(run_id) / "report.html", desk, say)
        return result


def open_desk(say: Console) -> Desk:
    """Start and deploy: two fresh databases on the embedded server, or the user's own."""
    if url := database_url():
        sqitch.deploy(url)
        say.print(f"your server: {len(deployer.status(url).deployed)} changes deployed")
        return Desk(url, os.environ.get("MQK_PAPER_URL", url), None)
    cluster = Cluster().start()
    for name in (DATABASE, PAPER_DATABASE):
        cluster.drop_database(name)
        cluster.ensure_database(name)
        sqitch.deploy(cluster.url(name))
        count = len(deployer.status(cluster.url(name)).deployed)
        say.print(f"embedded Postgres {cluster.major}: {count} changes deployed to {name}")
    for role in {*ROLES.values(), "operator"}:
        cluster.create_login(f"desk_{role}", f"mqk_{role}")
    return Desk(cluster.url(DATABASE), cluster.url(PAPER_DATABASE), cluster)


def trading_days(start: str, count: int) -> list[datetime]:
    """Closes of `count` sessions from `start` on, out of the shipped calendar."""
    with (config_root() / "calendars" / "XNYS.csv").open(encoding="utf-8") as source:
        closes = [row["closes_at"] for row in csv.DictReader(source) if row["session_on"] >= start]
    last = max(row["session_on"] for f in bar_files() for row in _rows(f))
    days = [datetime.fromisoformat(c) for c in closes if c[:10] <= last][:count]
    if not days:
        raise MqkError("MQA02", "a value is out of its range", f"--from {start}", f"Before {last}.")
    return days


def bar_files() -> list[Path]:
    """The bundled bars, one file a symbol."""
    return sorted((data_root() / "bars").glob("*.csv"))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as source:
        yield from csv.DictReader(source)


def load_market(operator: Connection, now: datetime, say: Console) -> None:
    """Load calendar, instruments and the bars before the first session, each with its report."""
    sessions = load_calendar(operator, config_root() / "calendars" / "XNYS.csv", now)
    load_instruments(operator, data_root() / "instruments.csv", now)
    say.print(f"calendar: {sessions} new sessions")
    before = (now.date() - timedelta(days=1)).isoformat()
    for path in bar_files():
        report = ingest_file(operator, path, "REFUSE", now, until=before)
        say.print(
            f"{path.stem}: {report['rows_read']} bars read, {report['rows_stored']} stored,"
            f" {report['rows_rejected']} rejected"
        )


def open_workers(desk: Desk, clock: VirtualClock, stack: ExitStack) -> dict[str, Tick]:
    """A session and a tick for each worker, under its own role."""
    from mqk.brokers.paper import PaperBroker

    ticks = {}
    for kind, role in ROLES.items():
        conn = stack.enter_context(desk.connect(role))
        tick = Tick(conn, {}, kind, f"{kind}@demo", clock)
        if kind not in ("strategist", "deadman"):
            paper = stack.enter_context(desk.connect_paper(role))
            tick.broker = PaperBroker(paper, "", clock)
        ticks[kind] = tick
    ticks["marketdata"].wires["feed"] = ReplayFeed(bar_files())
    return ticks


def start_run(
    operator: Connection, ticks: dict[str, Tick], clock: VirtualClock, strategy: str, first: datetime
) -> Any:
    """Create, preflight, arm and begin the run, as an operator would."""
    from mqk.brokers.paper import PaperBroker
    from mqk.workers.wires import paper_terms

    parameters = PARAMETERS[strategy]
    own = {"strategy": {"strategy_id": strategy, "parameters": parameters}}
    config = merge(load(default_layers("demo")), own)
    if strategy != "sma_trend_sql":
        ticks["strategist"].wires["strategy"] = plan = load_strategy(strategy)
        call(
            ticks["strategist"].conn,
            "io.register_strategy",
            strategy_id=strategy,
            version=plan.version,
            now_at=clock(),
        )
    made = act(operator, "api.run_create", clock, config=canonical(config), as_of_at=clock())
    run_id = made["run_id"]
    run = call(operator, "api.run_show", run_id=run_id)[0]["run_show"]
    for tick in ticks.values():
        tick.run = run
        if isinstance(tick.broker, PaperBroker):
            tick.broker.account_id = run["account_id"]
    ticks["marketdata"].wires["after"] = first.date() - timedelta(days=10)
    broker = ticks["snapshots"].broker
    assert isinstance(broker, PaperBroker)
    broker.open(paper_terms(run["config"]))
    for kind in ("marketdata", "snapshots"):
        load_worker(kind).tick(ticks[kind])
    words = call_value(operator, "api.run_arm_words", run_id=run_id)
    act(operator, "api.run_arm", clock, run_id=run_id, confirm=words)
    act(operator, "api.run_begin", clock, run_id=run_id)
    return run_id


def trade_session(ticks: dict[str, Tick], clock: VirtualClock) -> None:
    """One close: every worker ticks, in the order in which the facts arrive."""
    for kind in ROLES:
        load_worker(kind).tick(ticks[kind])
        clock.move_to(clock.at + timedelta(seconds=1))


def stop_run(operator: Connection, run_id: Any, clock: VirtualClock) -> None:
    """Stop the run; one that was halted meanwhile stays halted, and the report says why."""
    call(operator, "api.run_stop", run_id=run_id, reason="end of the demo", now_at=clock())


def act(operator: Connection, function: str, clock: VirtualClock, **args: Any) -> dict[str, Any]:
    """An operator action that must not be refused."""
    row = call(operator, function, **args, now_at=clock())[0]
    if row["outcome"] == "REFUSED":
        raise MqkError(row["error_code"], row["law"], row["detail"], row["fix"])
    return row


def progress(days: list[datetime], say: Console) -> Iterator[datetime]:
    """The days, with a progress bar and an ETA for people, and nothing when piped."""
    columns = (TextColumn("sessions"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=say, disable=not say.is_terminal, transient=True) as bar:
        yield from bar.track(days)


def summarize(
    operator: Connection, run_id: Any, now_at: datetime, files: dict[str, str]
) -> dict[str, Any]:
    """What happened, for people and for --json."""
    report = call_value(operator, "api.report_show", run_id=run_id, now_at=now_at)
    bars = sum(row["rows_stored"] for row in call(operator, "api.md_status", now_at=now_at))
    broken = [r["invariant"] for r in call(operator, "api.verify_all") if r["violations"]]
    figures = ("sessions", "orders", "fills", "trades", "final_equity_micros", "max_drawdown")
    return {
        "run_id": str(run_id),
        "run_status": report["run"]["run_status"],
        "halt_reason": report["run"]["halt_reason"],
        "bars": bars,
        **{name: report["metrics"][name] for name in figures},
        "reconcile": report["recon"]["last"]["verdict"],
        "invariants_broken": broken,
        "digests": report["digests"],
        "files": files,
    }


def say_result(result: dict[str, Any], report: Path, desk: Desk, say: Console) -> None:
    """Tell a person how it went and where to look."""
    reason = f" ({result['halt_reason']})" if result["halt_reason"] else ""
    say.print(
        f"{result['run_status']}{reason}: {result['sessions']} sessions, {result['bars']} bars,"
        f" {result['orders']} orders, {result['fills']} fills,"
        f" equity {result['final_equity_micros'] / 1_000_000:,.2f}"
    )
    held = "all invariants hold" if not result["invariants_broken"] else "INVARIANTS BROKEN"
    say.print(f"last reconcile {result['reconcile']}; {held}")
    for name, digest in sorted(result["digests"].items()):
        say.print(f"  {name:<7} {digest}")
    say.print(f"report: {report.resolve()}", soft_wrap=True)
    if desk.cluster:
        say.print("look around: ./dev run mqk run list", soft_wrap=True)
