"""mqk backtest ...: the api.backtest_* functions."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from mqk.backtesting import open_play
from mqk.cli.backtest_lab import commands
from mqk.cli.common import Group, Session, pass_session
from mqk.cli.layers import layer_options, tell_layers
from mqk.cli.studies import COMMANDS
from mqk.config.load import Layered
from mqk.reporting import fetch_tearsheet, write_tearsheet

DAY = click.DateTime(["%Y-%m-%d"])
OUT = click.option("--out", type=click.Path(path_type=Path), help="Folder for the artifacts.")
REPLACE = click.option("--replace", is_flag=True, help="Replace an earlier export.")
RUN = click.option("--run", "run_id", type=click.UUID, help="A run to lay beside it.")
TEST = click.argument("backtest_id", type=click.UUID)
TICK = re.compile(r"tick (\d+) of (\d+)")


@click.group(cls=Group)
def backtest() -> None:
    """Freeze bars, run strategies on them, compare, stress."""


for study in COMMANDS:
    backtest.add_command(study)


for command in commands.commands.values():
    backtest.add_command(command)


@backtest.command()
@click.option("--timeframe", default="1D", show_default=True, help="1m, 5m, 15m, 1H or 1D.")
@click.option("--symbols", required=True, help="Symbols, a comma between.")
@click.option("--from", "from_on", required=True, type=DAY, help="First session.")
@click.option("--to", "to_on", required=True, type=DAY, help="Last session.")
@pass_session
def freeze(
    session: Session, timeframe: str, symbols: str, from_on: datetime, to_on: datetime
) -> None:
    """Freeze stored bars as a dataset. Calls api.backtest_freeze."""
    session.print(do_freeze(session, timeframe, symbols.split(","), from_on, to_on))


def do_freeze(
    session: Session, timeframe: Any, symbols: Any, from_on: datetime, to_on: datetime
) -> list[dict[str, Any]]:
    """Freeze the bars of some symbols; the database judges what it is given."""
    return session.call(
        "api.backtest_freeze",
        timeframe=timeframe,
        symbols=[str(symbol).strip() for symbol in symbols or []],
        from_on=from_on.date(),
        to_on=to_on.date(),
        now_at=session.clock(),
    )


@backtest.command("run")
@click.argument("dataset_id", type=click.UUID, required=False)
@click.option("--from", "from_on", type=DAY, help="First session of bars to freeze and run on.")
@click.option("--to", "to_on", type=DAY, help="Last session of them.")
@OUT
@REPLACE
@layer_options
@pass_session
def run_backtest(
    session: Session,
    dataset_id: UUID | None,
    from_on: datetime | None,
    to_on: datetime | None,
    out: Path | None,
    replace: bool,
    layered: Layered,
) -> None:
    """Run the strategy of the merged layers on a dataset, or on bars frozen now (--from, --to).

    Calls api.backtest_run. A strategy of Python's is asked for its signals first.
    With --out the artifacts and the tearsheet are written to OUT/BACKTEST_ID.
    """
    named = [given is not None for given in (dataset_id, from_on, to_on)]
    if named not in ([True, False, False], [False, True, True]):
        raise click.UsageError("Name a dataset, or the first and last session: --from and --to.")
    tell_layers(layered)
    if dataset_id is None and from_on and to_on:
        bars = layered.values["data"]["timeframe"], layered.values["strategy"]["symbols"]
        dataset_id = do_freeze(session, *bars, from_on, to_on)[0]["dataset_id"]
    assert dataset_id is not None
    with progress(session):
        made = [open_play(session.conn, session.clock, layered.text).run(dataset_id)]
    if out:
        write_tearsheet(session.conn, made[0]["backtest_id"], None, out, replace=replace)
    if session.as_json:
        session.print(made)
    else:
        tell_figures(session, made[0]["backtest_id"], None)
    if out:
        click.echo(f"tearsheet: {out / str(made[0]['backtest_id']) / 'report.html'}", err=True)


@contextmanager
def progress(session: Session) -> Iterator[None]:
    """A bar of the ticks that the database has played, for people; nothing when piped."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress("ticks", *columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("ticks", total=None)

        def hear(said: str) -> None:
            if found := TICK.fullmatch(said):
                bar.update(task, completed=int(found[1]), total=int(found[2]))

        session.hear(hear)
        yield


def tell_figures(session: Session, backtest_id: UUID, run_id: UUID | None) -> None:
    """How a backtest ended, its figures, and where a run did something else."""
    from mqk.report.render import key_figures
    from mqk.report.tearsheet import statistics

    payload = fetch_tearsheet(session.conn, backtest_id, run_id)
    test, dataset = payload["backtest"], payload["dataset"]
    halt = f" by {test['halt_reason']} at {test['halted_at']}" if test["halt_reason"] else ""
    click.echo(f"backtest {backtest_id}: {test['backtest_status']}{halt}")
    click.echo(f"dataset  {test['dataset_id']}: {', '.join(dataset['symbols'])}")
    click.echo(f"digest   {test['digest']}")
    shown = [(name, value, meaning) for name, value, meaning, _ in key_figures(payload)]
    shown += [line for _, lines in statistics(payload["metrics"]) for line in lines]
    session.print([{"figure": n, "value": v, "meaning": m} for n, v, m in shown])
    if payload["paper"]:
        same = f"run {run_id} did the same"
        session.print(payload["paper"]["differences"], empty=same)


@backtest.command("show")
@TEST
@RUN
@pass_session
def show(session: Session, backtest_id: UUID, run_id: UUID | None) -> None:
    """The figures of a backtest; with --json the whole document. Calls api.backtest_show."""
    if session.as_json:
        session.print_document(fetch_tearsheet(session.conn, backtest_id, run_id))
    else:
        tell_figures(session, backtest_id, run_id)


@backtest.command("report")
@TEST
@RUN
@click.option("--out", default="exports", show_default=True, type=click.Path(path_type=Path))
@REPLACE
@pass_session
def report(
    session: Session, backtest_id: UUID, run_id: UUID | None, out: Path, replace: bool
) -> None:
    """Write manifest, orders, fills, trades, equity, metrics and the tearsheet to OUT/BACKTEST_ID.

    Calls api.backtest_show.
    """
    files = write_tearsheet(session.conn, backtest_id, run_id, out, replace=replace)
    session.print([{"file": name, "sha256": digest} for name, digest in sorted(files.items())])


@backtest.command("compare")
@click.argument("first_id", type=click.UUID)
@click.argument("second_id", type=click.UUID)
@pass_session
def compare(session: Session, first_id: UUID, second_id: UUID) -> None:
    """Two backtests side by side: figures, config, the first acts that differ.

    Calls api.backtest_compare.
    """
    session.show("api.backtest_compare", first_id=first_id, second_id=second_id)


@backtest.command("list")
@pass_session
def list_backtests(session: Session) -> None:
    """All backtests, newest first. Calls api.backtest_list."""
    session.show("api.backtest_list", empty="no backtests yet: mqk backtest run")


@backtest.command("parity")
@TEST
@click.argument("run_id", type=click.UUID)
@pass_session
def parity(session: Session, backtest_id: UUID, run_id: UUID) -> None:
    """Where a run did something else than a backtest. Calls api.backtest_parity."""
    session.show(
        "api.backtest_parity", backtest_id=backtest_id, run_id=run_id, empty="they did the same"
    )
