"""mqk why [RUN]: the api.why_all function."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import click

from mqk.cli.common import ENGINE, OPTIONAL_RUN, Command, Session, pass_session, shown
from mqk.halting import halt_path, read_halt


def tell(row: dict[str, Any]) -> None:
    """Print one step: a line, what was measured, and for a shut one its row and what clears it."""
    mark = click.style("open", fg="green") if row["is_open"] else click.style("SHUT", fg="red")
    since = f"{row['since']:%Y-%m-%d %H:%M:%S}" if row["since"] else "-"
    click.echo(f"{row['step']:>2}  {mark}  {row['gate']:<22}  {since:<19}  {shown(row['reason'])}")
    keys = ["measured"] if row["is_open"] else ["measured", "evidence", "clear"]
    for key in keys:
        if row[key]:
            click.echo(f"{'':10}{key + ':':<9} {shown(row[key])}")


@click.command(cls=Command)
@OPTIONAL_RUN
@ENGINE
@click.option("--shut", is_flag=True, help="Only what is shut.")
@pass_session
def why(session: Session, run_id: UUID | None, engine: str, shut: bool) -> None:
    """Why RUN_ID (or the engine's run) does or does not trade: every step from a bar to an order.

    Open or shut, since when, what was measured, by which row, and the command that clears it.
    Calls api.why_all.
    """
    run_id = run_id or session.find_run(engine)
    rows = session.call("api.why_all", run_id=run_id, now_at=session.clock())
    rows = [row for row in rows if not (shut and row["is_open"])]
    if session.as_json or not rows:
        session.print(rows, empty="nothing is shut")
    else:
        for row in rows:
            tell(row)
    if reason := read_halt(halt_path(engine)):
        click.echo(f"halt file {halt_path(engine)} of this machine: {shown(reason)}", err=True)
