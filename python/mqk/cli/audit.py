"""mqk audit ...: the api.audit_* functions."""

from __future__ import annotations

from uuid import UUID

import click

from mqk.cli.common import RUN, Group, Session, pass_session
from mqk.errors import MqkError


@click.group(cls=Group)
def audit() -> None:
    """The diary: verify, read, operator actions."""


@audit.command()
@pass_session
def verify(session: Session) -> None:
    """Walk every chain; exit 4 if one is broken. Calls api.audit_verify."""
    chains = session.call("api.audit_verify")
    session.print(chains, empty="no chains yet")
    broken = [str(c["chain_id"]) for c in chains if c["first_bad_seq"] is not None]
    if broken:
        raise MqkError("MQI04", "history is not rewritten", ", ".join(broken), "Page a person.")


@audit.command()
@RUN
@click.option("--after", default=0, show_default=True, help="Sequence number to start after.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10000))
@pass_session
def tail(session: Session, run_id: UUID, after: int, limit: int) -> None:
    """Events of a run's chain. Calls api.audit_tail."""
    session.show("api.audit_tail", chain_id=run_id, after_seq=after, limit=limit)


@audit.command()
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
@pass_session
def actions(session: Session, limit: int) -> None:
    """What people asked of this desk, refused things too. Calls api.audit_actions."""
    session.show("api.audit_actions", empty="nobody asked anything yet", limit=limit)
