"""Sessions, names and classes: commands of mqk md; the api.md_* functions."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from mqk.cli.common import WHY, Command, Session, pass_session
from mqk.loading import load_calendar, load_classifications, load_instruments

FILE = click.argument("file", type=click.Path(path_type=Path))
DAY = click.DateTime(["%Y-%m-%d"])
EXCHANGE = click.option("--exchange", default="XNYS", show_default=True, help="Its MIC.")
NO_CHANGE = "the day is so already"


@click.command("load-calendar", cls=Command)
@FILE
@pass_session
def load_calendar_file(session: Session, file: Path) -> None:
    """Load exchange sessions from a CSV file. Calls api.md_load_calendar."""
    session.print([{"new_sessions": load_calendar(session.conn, file, session.clock())}])


@click.command("load-instruments", cls=Command)
@FILE
@pass_session
def load_instruments_file(session: Session, file: Path) -> None:
    """Load from a CSV file what names stand for, and since when. Calls api.md_load_instruments."""
    session.print([{"new_facts": load_instruments(session.conn, file, session.clock())}])


@click.command("load-classifications", cls=Command)
@FILE
@pass_session
def load_classifications_file(session: Session, file: Path) -> None:
    """Load sectors and other classes from a CSV file. Calls api.md_load_classifications."""
    new = load_classifications(session.conn, file, session.clock())
    session.print([{"new_classes": new}])


@click.command(cls=Command)
@click.argument("symbol", required=False)
@pass_session
def instruments(session: Session, symbol: str | None) -> None:
    """What names stood for, by period, with their classes. Calls api.md_instruments."""
    session.show("api.md_instruments", empty="no such name", symbol=symbol)


@click.command(cls=Command)
@EXCHANGE
@click.option("--from", "from_on", type=DAY, help="First day; today.")
@click.option("--to", "to_on", type=DAY, help="Last day; 30 days on.")
@pass_session
def calendar(
    session: Session, exchange: str, from_on: datetime | None, to_on: datetime | None
) -> None:
    """Sessions, half days and amended days, with the bars of each timeframe. Calls api.md_calendar."""
    session.show(
        "api.md_calendar",
        empty="no sessions",
        exchange_id=exchange,
        from_on=from_on and from_on.date(),
        to_on=to_on and to_on.date(),
        now_at=session.clock(),
    )


@click.command(cls=Command)
@EXCHANGE
@click.option("--at", type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z"]), help="An instant; now.")
@pass_session
def clock(session: Session, exchange: str, at: datetime | None) -> None:
    """Whether the exchange is open, whose day it is, what comes next. Calls api.md_clock."""
    session.show("api.md_clock", exchange_id=exchange, at=at or session.clock())


@click.command("amend-session", cls=Command)
@click.argument("exchange")
@click.argument("day", type=DAY)
@click.option("--opens", help="HH:MM on the clocks of the exchange.")
@click.option("--closes", help="HH:MM; without both the exchange stays closed that day.")
@WHY
@pass_session
def amend_session(
    session: Session,
    exchange: str,
    day: datetime,
    opens: str | None,
    closes: str | None,
    reason: str,
) -> None:
    """Say that EXCHANGE has other hours on DAY (to come), or none. Calls api.md_amend_session."""
    session.show(
        "api.md_amend_session",
        empty=NO_CHANGE,
        exchange_id=exchange,
        session_on=day.date(),
        opens=opens,
        closes=closes,
        reason=reason,
        now_at=session.clock(),
    )


COMMANDS = (
    load_calendar_file,
    load_instruments_file,
    load_classifications_file,
    instruments,
    calendar,
    clock,
    amend_session,
)
