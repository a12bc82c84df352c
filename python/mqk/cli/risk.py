"""mqk risk ...: the api.risk_* functions."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import click

from mqk.cli.common import RUN, WHY, Group, Session, pass_session


@click.group(cls=Group)
def risk() -> None:
    """Limits, verdicts, kill switches, the restricted list."""


@risk.command()
@RUN
@pass_session
def show(session: Session, run_id: UUID) -> None:
    """Limits beside the worst seen, and verdicts by rule. Calls api.risk_show."""
    session.print_document(session.call("api.risk_show", run_id=run_id)[0]["risk_show"])


@risk.command()
@RUN
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@pass_session
def decisions(session: Session, run_id: UUID, limit: int) -> None:
    """The last verdicts with the numbers they saw. Calls api.risk_decisions."""
    session.show("api.risk_decisions", empty="no verdicts", run_id=run_id, limit=limit)


@risk.command()
@RUN
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@pass_session
def trips(session: Session, run_id: UUID, limit: int) -> None:
    """The last kill switches that were pulled, with the numbers they saw. Calls api.risk_trips."""
    session.show("api.risk_trips", empty="no kill switch was pulled", run_id=run_id, limit=limit)


@risk.command()
@click.argument("symbols", nargs=-1, required=True)
@click.option(
    "--restriction",
    default="TRADE",
    show_default=True,
    type=click.Choice(["TRADE", "SHORT", "NONE"]),
    help="TRADE: open nothing. SHORT: sell nothing short. NONE: off the list.",
)
@click.option(
    "--from",
    "effective_at",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z"]),
    help="From this instant on; at once.",
)
@WHY
@pass_session
def restrict(
    session: Session,
    symbols: tuple[str, ...],
    restriction: str,
    effective_at: datetime | None,
    reason: str,
) -> None:
    """Put SYMBOLS on the restricted list, or take them off. Calls api.risk_restrict."""
    session.show(
        "api.risk_restrict",
        symbols=list(symbols),
        restriction=restriction,
        reason=reason,
        effective_at=effective_at,
        now_at=session.clock(),
    )


@risk.command()
@pass_session
def restrictions(session: Session) -> None:
    """The restricted list, and what is planned. Calls api.risk_restrictions."""
    session.show("api.risk_restrictions", empty="nothing is restricted", now_at=session.clock())


@risk.command("clear-day-trader")
@RUN
@WHY
@pass_session
def clear_day_trader(session: Session, run_id: UUID, reason: str) -> None:
    """Take the day trader's flag from RUN_ID's account. Calls api.risk_clear_day_trader."""
    session.act("api.risk_clear_day_trader", run_id=run_id, reason=reason)
