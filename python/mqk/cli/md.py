"""mqk md ...: the api.md_* functions."""

from __future__ import annotations

from pathlib import Path

import click

from mqk.cli.common import Group, Session, pass_session
from mqk.cli.md_quality import commands
from mqk.loading import ingest_file, load_calendar, load_instruments

FILE = click.argument("file", type=click.Path(path_type=Path))


@click.group(cls=Group)
def md() -> None:
    """Calendar, instruments and bars."""


for command in commands.commands.values():
    md.add_command(command)


@md.command("load-calendar")
@FILE
@pass_session
def calendar(session: Session, file: Path) -> None:
    """Load exchange sessions from a CSV file. Calls api.md_load_calendar."""
    session.print([{"new_sessions": load_calendar(session.conn, file, session.clock())}])


@md.command("load-instruments")
@FILE
@pass_session
def instruments(session: Session, file: Path) -> None:
    """Load instruments from a CSV file. Calls api.md_load_instruments."""
    session.print([{"new_instruments": load_instruments(session.conn, file, session.clock())}])


@md.command()
@FILE
@click.option("--keep-good", is_flag=True, help="Store the good rows, keep the bad as findings.")
@pass_session
def ingest(session: Session, file: Path, keep_good: bool) -> None:
    """Store the closed daily bars of a CSV file. Calls api.md_ingest.

    Without --keep-good one bad row refuses the whole file.
    """
    policy = "KEEP_GOOD" if keep_good else "REFUSE"
    report = ingest_file(session.conn, file, policy, session.clock())
    session.print([report])
    if report["rows_rejected"] and not session.as_json:
        session.show("api.md_findings", ingest_id=report["ingest_id"])


@md.command()
@pass_session
def status(session: Session) -> None:
    """Bars by symbol, with their gaps. Calls api.md_status."""
    session.show("api.md_status", empty="no bars yet: mqk md ingest", now_at=session.clock())
