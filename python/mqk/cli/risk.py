"""mqk risk ...: the api.risk_* functions."""

from __future__ import annotations

from uuid import UUID

import click

from mqk.cli.common import RUN, Group, Session, pass_session


@click.group(cls=Group)
def risk() -> None:
    """Limits and verdicts."""


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
