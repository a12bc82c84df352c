"""mqk md ...: the api.md_* functions."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import click

from mqk.cli.common import Group, Session, pass_session
from mqk.loading import ingest_file, load_actions, load_calendar, load_instruments

FILE = click.argument("file", type=click.Path(path_type=Path))


@click.group(cls=Group)
def md() -> None:
    """Calendar, instruments, bars and corporate actions."""


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


@md.command("load-actions")
@FILE
@pass_session
def announce(session: Session, file: Path) -> None:
    """Load splits and cash dividends from a CSV file. Calls api.md_load_actions."""
    session.print(load_actions(session.conn, file, session.clock()))


@md.command()
@click.argument("symbol", required=False)
@pass_session
def actions(session: Session, symbol: str | None) -> None:
    """Splits and cash dividends, of SYMBOL or of all. Calls api.md_actions."""
    empty = "no corporate actions yet: mqk md load-actions"
    session.show("api.md_actions", empty=empty, symbol=symbol, now_at=session.clock())


@md.command("cancel-action")
@click.argument("action_id", type=click.UUID)
@click.option("--reason", required=True, help="Why it does not take place; kept.")
@pass_session
def cancel(session: Session, action_id: UUID, reason: str) -> None:
    """Cancel the corporate action ACTION_ID, unless a run has booked it. Calls api.md_cancel_action."""
    session.show("api.md_cancel_action", action_id=action_id, reason=reason, now_at=session.clock())


@md.command("clear-jump")
@click.argument("symbol")
@click.argument("session_on")
@click.option("--reason", required=True, help="Why it is no split; kept.")
@pass_session
def clear(session: Session, symbol: str, session_on: str, reason: str) -> None:
    """Say that the jump of SYMBOL before SESSION_ON is no split. Calls api.md_clear_jump."""
    session.show(
        "api.md_clear_jump", symbol=symbol, session_on=session_on, reason=reason,
        now_at=session.clock(),
    )  # fmt: skip


@md.command()
@pass_session
def status(session: Session) -> None:
    """Bars by symbol, with their gaps. Calls api.md_status."""
    session.show("api.md_status", empty="no bars yet: mqk md ingest", now_at=session.clock())
