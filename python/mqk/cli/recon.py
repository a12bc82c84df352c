"""mqk recon ...: the api.recon_* functions."""

from __future__ import annotations

from uuid import UUID

import click

from mqk.cli.common import RUN, Group, Session, pass_session
from mqk.errors import MqkError


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


@recon.command()
@RUN
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@pass_session
def refusals(session: Session, run_id: UUID, limit: int) -> None:
    """Snapshots that proved nothing, and why. Calls api.recon_refusals."""
    session.show("api.recon_refusals", empty="none was refused", run_id=run_id, limit=limit)


@recon.command()
@RUN
@pass_session
def verify(session: Session, run_id: UUID) -> None:
    """Compute every comparison again; exit 4 if one differs. Calls api.recon_verify."""
    rows = session.call("api.recon_verify", run_id=run_id)
    session.print(rows)
    for row in rows:
        if row["problem"]:
            where = f"snapshot {row['snapshot_seq']}: {row['problem']}"
            raise MqkError("MQI05", "every promise holds", where, "Halt and page a person.")
