"""mqk position ...: the api.position_* functions."""

from __future__ import annotations

from uuid import UUID

import click

from mqk.cli.common import RUN, Group, Session, pass_session


@click.group(cls=Group)
def position() -> None:
    """Positions, exposure by sector, closed trades."""


@position.command("list")
@RUN
@pass_session
def list_positions(session: Session, run_id: UUID) -> None:
    """Positions of RUN_ID at the last known marks. Calls api.position_list."""
    session.show("api.position_list", empty="no positions", run_id=run_id, now_at=session.clock())


@position.command()
@RUN
@pass_session
def trades(session: Session, run_id: UUID) -> None:
    """Closed lots of RUN_ID. Calls api.position_trades."""
    session.show("api.position_trades", empty="no closed trades", run_id=run_id)


@position.command()
@RUN
@click.option(
    "--scheme", default="SECTOR", show_default=True, help="Of mqk md load-classifications."
)
@pass_session
def exposure(session: Session, run_id: UUID, scheme: str) -> None:
    """What RUN_ID holds by sector, or another scheme's classes. Calls api.position_exposure."""
    session.show(
        "api.position_exposure",
        empty="no positions",
        run_id=run_id,
        scheme=scheme,
        now_at=session.clock(),
    )
