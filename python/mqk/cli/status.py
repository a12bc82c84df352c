"""mqk status [RUN]: the api.status_all function."""

from __future__ import annotations

import time
from uuid import UUID

import click

from mqk.cli.common import ENGINE, OPTIONAL_RUN, Command, Session, pass_session


@click.command(cls=Command)
@OPTIONAL_RUN
@ENGINE
@click.option("--watch", is_flag=True, help="Show it again and again, until Ctrl-C.")
@click.option("--interval", default=2.0, show_default=True, help="Seconds between two looks.")
@pass_session
def status(
    session: Session, run_id: UUID | None, engine: str, watch: bool, interval: float
) -> None:
    """RUN_ID (or the engine's run) at a glance: money, limits, positions, orders, gates.

    Calls api.status_all.
    """
    while True:
        found = run_id or session.find_run(engine)
        rows = session.call("api.status_all", run_id=found, now_at=session.clock())
        if watch and not session.as_json:
            click.clear()
        session.print(rows)
        if not watch:
            return
        time.sleep(interval)
