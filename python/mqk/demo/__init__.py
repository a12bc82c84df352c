"""The demo: a finished paper-trading run on real bars, through every room, by the real workers.

Time is virtual: it goes from one market close to the next. At each close, in this order, every worker
has its tick in its own session, logged in as its own role: bars come in and the paper market trades
them, fills are booked, the broker's snapshot is compared, the strategy decides, orders go out.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from os.path import relpath
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from mqk.clock import VirtualClock
from mqk.config.load import canonical, load, merge
from mqk.db import Connection, call, call_value
from mqk.demo.desk import ROLES, Desk, open_desk
from mqk.demo.market import bar_files, load_market, trading_days
from mqk.desk import default_layers
from mqk.errors import MqkError
from mqk.feeds.csv import ReplayFeed
from mqk.reporting import export_run
from mqk.strategies import load as load_strategy
from mqk.worker import Tick
from mqk.workers import load as load_worker
from mqk.workers.strategist import announce

AFTER_CLOSE = timedelta(minutes=5)
BEFORE_CLOSE = timedelta(hours=12)  # the morning of the first session
PARAMETERS = {
    "sma_trend": {"fast_bars": 10, "slow_bars": 50, "weight_bps": 2200},
    "sma_trend_sql": {"fast_bars": 10, "slow_bars": 50, "weight_bps": 2200},
    "mean_reversion": {"window_bars": 20, "entry_bps": 400, "exit_bps": 0, "weight_bps": 2200},
}


def run_demo(*, sessions: int, start: date, strategy: str, out: Path) -> dict[str, Any]:
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
        try:
            say.print(f"run {run_id} is running on {len(days)} sessions")
            for day in progress(days, say):
                clock.move_to(day + AFTER_CLOSE)
                trade_session(ticks, clock)
        except BaseException as broken:
            reason = f"the demo was broken off: {type(broken).__name__}"
            act(operator, "api.run_halt", clock, run_id=run_id, reason=reason)
            raise
        stop_run(operator, run_id, clock)
        files = export_run(operator, run_id, out, clock(), replace=True)
        result = summarize(operator, run_id, clock(), files)
        say_result(result, out / str(run_id) / "report.html", desk, say)
        return result


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
    operator: Connection,
    ticks: dict[str, Tick],
    clock: VirtualClock,
    strategy: str,
    first: datetime,
) -> Any:
    """Create, preflight, arm and begin the run, as an operator would."""
    from mqk.brokers.paper import PaperBroker
    from mqk.workers.wires import paper_terms

    number = len(call(operator, "api.run_list")) + 1  # a paper account is opened once
    own = {
        "broker": {"account_id": f"PAPER-DEMO-{number:04d}"},
        "strategy": {"strategy_id": strategy, "parameters": PARAMETERS[strategy]},
    }
    config = merge(load(default_layers("demo")), own)
    announce(ticks["strategist"].conn, clock())
    if strategy != "sma_trend_sql":
        ticks["strategist"].wires["strategy"] = load_strategy(strategy)
    made = act(operator, "api.run_create", clock, config=canonical(config), as_of_at=clock())
    run_id = made["run_id"]
    run = call(operator, "api.run_show", run_id=run_id)[0]["run_show"]
    for tick in ticks.values():
        tick.run = run
        if isinstance(tick.broker, PaperBroker):
            tick.broker.account_id = run["account_id"]
        tick.register()
    ticks["marketdata"].wires["after"] = first.date() - timedelta(days=10)
    broker = ticks["snapshots"].broker
    assert isinstance(broker, PaperBroker)
    broker.open(paper_terms(run["config"]))
    for kind in ("marketdata", "broker_events", "snapshots", "gateway"):
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
    replayed = call(operator, "api.replay_all", run_id=run_id, until_at=None)
    figures = ("sessions", "orders", "fills", "trades", "final_equity_micros", "max_drawdown")
    return {
        "run_id": str(run_id),
        "run_status": report["run"]["run_status"],
        "halt_reason": report["run"]["halt_reason"],
        "bars": bars,
        **{name: report["metrics"][name] for name in figures},
        "reconcile": report["recon"]["last"]["verdict"],
        "invariants_broken": broken,
        "replay_differs": [r["table_name"] for r in replayed if not r["is_equal"]],
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
    differs = ", ".join(result["replay_differs"])
    say.print(f"replay of the diary: {f'DIFFERS: {differs}' if differs else 'every table equal'}")
    for name, digest in sorted(result["digests"].items()):
        say.print(f"  {name:<7} {digest}")
    say.print(f"report: {report.resolve()}", soft_wrap=True)
    if desk.cluster:
        say.print(f"look around: {relpath(sys.argv[0])} run list", soft_wrap=True)
