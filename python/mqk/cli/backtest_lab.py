"""mqk backtest prove-lookahead, sweep ...: proofs and parameter sweeps, the api.backtest_* functions."""

from __future__ import annotations

import os
import time
from uuid import UUID

import click
from rich.console import Console
from rich.progress import Progress

from mqk.backtesting import open_play, refuse_violation
from mqk.cli.common import Group, Session, pass_session
from mqk.cli.layers import layer_options, tell_layers
from mqk.config.load import Layered
from mqk.db import connect
from mqk.desk import login_url
from mqk.errors import MqkError
from mqk.sweeping import POLL_SECONDS, Sweeper, crew, list_open, read_grid
from mqk.worker import name_process

commands = Group()  # mqk.cli.backtest takes them in


@commands.command("prove-lookahead")
@click.argument("strategy")
@click.argument("dataset_id", type=click.UUID)
@click.option("--cuts", default=8, show_default=True, help="How often the future is changed.")
@click.option("--seed", default=1, show_default=True, help="Which cuts.")
@layer_options
@pass_session
def prove_lookahead(
    session: Session, strategy: str, dataset_id: UUID, cuts: int, seed: int, layered: Layered
) -> None:
    """Run a strategy again and again with another future, and see that nothing before it changes.
    Calls api.backtest_prove_lookahead. A violation ends with exit code 3.
    """
    tell_layers(layered)
    play = open_play(session.conn, session.clock, layered.text)
    if play.terms["strategy_id"] != strategy:
        law, fix = "the config is of the strategy that is proven", "Set strategy.strategy_id."
        raise MqkError("MQA84", law, play.terms["strategy_id"], fix)
    play.run(dataset_id)
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("futures")
        proof = play.prove(
            cuts, seed, lambda done, all_: bar.update(task, completed=done, total=all_)
        )
    session.print([proof])
    refuse_violation(proof)


@commands.command()
@pass_session
def proofs(session: Session) -> None:
    """All verdicts of lookahead, newest first. Calls api.backtest_proofs."""
    session.show("api.backtest_proofs", empty="no proofs yet: mqk backtest prove-lookahead")


@commands.command()
@click.argument("dataset_id", type=click.UUID)
@click.option(
    "--grid",
    "grids",
    multiple=True,
    required=True,
    help="name=1,2,3 or name=from:to:step; each value is tried with each of the others.",
)
@click.option("--workers", default=os.cpu_count() or 1, show_default="cores", help="Processes.")
@layer_options
@pass_session
def sweep(
    session: Session, dataset_id: UUID, grids: tuple[str, ...], workers: int, layered: Layered
) -> None:
    """Run a config with every value of a grid, on all cores, and rank. Calls api.backtest_sweep.

    The same command again goes on where it stopped; `mqk backtest sweeper` on other machines helps.
    """
    tell_layers(layered)
    given = {"dataset_id": dataset_id, "config": layered.text, "grid": read_grid(grids)}
    made = session.call("api.backtest_sweep", **given, now_at=session.clock())[0]
    click.echo(f"sweep:  {made['sweep_id']}", err=True)
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("backtests", total=made["jobs"])
        with crew(made["sweep_id"], workers) as processes:
            while True:
                row = list_open(session.conn, made["sweep_id"])[0]
                bar.update(task, completed=row["done"] + row["failed"])
                if not row["claimed"] + row["pending"] or all(
                    p.poll() is not None for p in processes
                ):
                    break
                time.sleep(POLL_SECONDS)
    session.show("api.backtest_rank", sweep_id=made["sweep_id"])
    if row["claimed"] + row["pending"]:
        law, fix = "the workers of a sweep run until it has ended", "Give the same command again."
        raise MqkError("MQS85", law, f"{row['claimed'] + row['pending']} jobs left", fix)


@commands.command()
@click.argument("sweep_id", type=click.UUID, required=False)
@click.option("--lease", default=60, show_default=True, help="Seconds until a job is another's.")
@pass_session
def sweeper(session: Session, sweep_id: UUID | None, lease: int) -> None:
    """Take jobs of a sweep, or of any, until none is left. Calls api.backtest_claim_job.

    Start as many as you like, on any machine that reaches the database, under a login of mqk_lab.
    """
    with connect(login_url("lab"), "mqk-sweeper") as conn:
        done = Sweeper(conn, name_process(), session.clock, lease).work(sweep_id)
    session.print([{"jobs": done}])


@commands.command()
@pass_session
def sweeps(session: Session) -> None:
    """How far each sweep has come. Calls api.backtest_sweeps."""
    session.show("api.backtest_sweeps", empty="no sweeps yet: mqk backtest sweep")


@commands.command()
@click.argument("sweep_id", type=click.UUID)
@pass_session
def rank(session: Session, sweep_id: UUID) -> None:
    """The jobs of a sweep by what they earned. Calls api.backtest_rank."""
    session.show("api.backtest_rank", sweep_id=sweep_id, empty="no such sweep")
