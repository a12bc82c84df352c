"""mqk verify: every promise of the database."""

from __future__ import annotations

import click

from mqk.cli.common import Command, Session, pass_session
from mqk.errors import MqkError


@click.command(cls=Command)
@pass_session
def verify(session: Session) -> None:
    """Check every promise; exit 4 if one is broken. Calls api.verify_all."""
    rows = session.call("api.verify_all")
    session.print(rows)
    broken = [r["invariant"] for r in rows if r["violations"]]
    if broken:
        raise MqkError("MQI05", "every promise holds", ", ".join(broken), "Halt and page a person.")
