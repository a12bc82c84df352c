"""mqk worker NAME: run one worker, looping (systemd) or once (cron)."""

from __future__ import annotations

import click

from mqk.cli.common import Command, Session, pass_session
from mqk.desk import login_url
from mqk.worker import serve
from mqk.workers import NAMES, ROLES, load


@click.command(cls=Command)
@click.argument("name", type=click.Choice(NAMES))
@click.option("--engine", default="MAIN", show_default=True, envvar="MQK_ENGINE")
@click.option("--once", is_flag=True, help="One tick, then end: for cron.")
@click.option("--interval", default=5.0, show_default=True, help="Seconds between polls.")
@pass_session
def worker(session: Session, name: str, engine: str, once: bool, interval: float) -> None:
    """Run the worker NAME for the run of an engine; SIGTERM ends it between two ticks."""
    del session
    serve(load(name), login_url(ROLES[name]), engine, once=once, interval=interval)
