"""mqk md ...: the api.md_* functions."""

from __future__ import annotations

from pathlib import Path

import click

from mqk.cli.common import Group, Session, pass_session
from mqk.cli.reference import COMMANDS
from mqk.loading import ingest_file

FILE = click.argument("file", type=click.Path(path_type=Path))


@click.group(cls=Group)
def md() -> None:
    """Calendar, instruments and bars."""


for reference in COMMANDS:
    md.add_command(reference)


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
