"""mqk md ...: the api.md_* functions."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from uuid import UUID

import click

from mqk.cli.common import Group, Session, pass_session
from mqk.cli.layers import layer_options
from mqk.cli.md_quality import commands
from mqk.cli.reference import COMMANDS
from mqk.config.load import Layered
from mqk.feeds.csv import CsvFeed
from mqk.feeds.shapes import NAMES
from mqk.loading import ingest_batches, load_actions

DAY = click.DateTime(["%Y-%m-%d"])
FILE = click.argument("file", type=click.Path(path_type=Path))


@click.group(cls=Group)
def md() -> None:
    """Calendar, instruments, bars and corporate actions."""


for command in (*COMMANDS, *commands.commands.values()):
    md.add_command(command)


@md.command()
@FILE
@click.option("--keep-good", is_flag=True, help="Store the good rows, keep the bad as findings.")
@click.option("--shape", default="", help=f"The only shape it may have: {', '.join(NAMES)}.")
@click.option("--symbol", default="", help="Where the shape names none; else the file's name.")
@click.option("--timeframe", default="", help="Where the shape says none: 1m 5m 15m 1H 1D.")
@pass_session
def ingest(
    session: Session, file: Path, keep_good: bool, shape: str, symbol: str, timeframe: str
) -> None:
    """Store the closed bars of a CSV file. Calls api.md_ingest.

    A call takes 20,000 rows. The file is kept as it is; its shape is known by the header: ours, or a common
    one of vendors. Without --keep-good one bad row refuses the whole file.
    """
    policy = "KEEP_GOOD" if keep_good else "REFUSE"
    read = CsvFeed(file, shape, symbol, timeframe)
    reports, note = ingest_batches(session.conn, read, policy, session.clock(), timeframe)
    session.print(reports)
    if note:
        click.echo(note, err=True)
    for report in reports:
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
@click.option("--feed", help="Which feed to ask; else data.feed of the config.")
@click.option("--symbols", required=True, help="Separated by commas.")
@click.option("--timeframe", help="1m 5m 15m 1H 1D; else data.timeframe of the config.")
@click.option("--full-start", type=DAY, help="Where to begin for symbols it gave nothing of yet.")
@click.option("--until", type=DAY, help="The last day; else the session that ended last.")
@layer_options
@pass_session
def sync(
    session: Session, layered: Layered, feed: str | None, symbols: str, timeframe: str | None,
    full_start: datetime | None, until: datetime | None,
) -> None:  # fmt: skip
    """Ask a feed for the bars it has not given yet, and store them. Calls api.md_sync.

    It goes on where the feed's last bar is, some days before it, so that what was revised shows as a
    conflict. Each answer is stored whole or not at all: break it off at any time, the next sync goes on.
    With --json a line is printed as each batch is stored.
    """
    from mqk.syncing import run_sync

    asked = [symbol.strip() for symbol in symbols.split(",") if symbol.strip()]
    first, last = (day.date() if day else None for day in (full_start, until))
    run_sync(session, layered.values, feed, asked, timeframe, first, last)


@md.command()
@layer_options
@pass_session
def feeds(session: Session, layered: Layered) -> None:
    """The feeds that are installed, their timeframes, whether their keys are set, their limits."""
    from mqk.syncing import list_feeds

    session.print(list_feeds(layered.values))


@md.command("feed-marks")
@click.argument("feed")
@pass_session
def feed_marks(session: Session, feed: str) -> None:
    """How far a feed has come, by symbol and timeframe. Calls api.md_feed_marks."""
    session.show("api.md_feed_marks", empty="it has given nothing yet: mqk md sync", feed=feed)


@md.command()
@pass_session
def status(session: Session) -> None:
    """Bars by symbol, with their gaps. Calls api.md_status."""
    session.show("api.md_status", empty="no bars yet: mqk md ingest", now_at=session.clock())


@md.command()
@pass_session
def digest(session: Session) -> None:
    """SHA-256 over every stored bar, whichever way it came. Calls api.md_digest."""
    session.show("api.md_digest")
