"""mqk recon ...: the api.recon_* functions."""

from __future__ import annotations

from uuid import UUID

import click

from mqk.cli.common import RUN, Group, Session, pass_session


@click.group(cls=Group)
def recon() -> None:
    """Comparisons with the broker."""


@recon.command("list")
@RUN
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@pass_session
def list_comparisons(session: Session, run_id: UUID, limit: int) -> None:
    """The last comparisons, newest first. Calls api.recon_list."""
    session.show("api.recon_list", empty="never compared", run_id=run_id, limit=limit)


@recon.command()
@RUN
@pass_session
def drifts(session: Session, run_id: UUID) -> None:
    """The differences that were found. Calls api.recon_drifts."""
    session.show("api.recon_drifts", empty="no differences", run_id=run_id)
