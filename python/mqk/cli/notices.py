"""mqk notices ...: the api.notices_* functions."""

from __future__ import annotations

import click

from mqk.cli.common import Group, Session, pass_session


@click.group(cls=Group)
def notices() -> None:
    """What people were told, and what they would be told."""


@notices.command("list")
@click.option("--engine", default="MAIN", show_default=True, envvar="MQK_ENGINE")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@pass_session
def list_notices(session: Session, engine: str, limit: int) -> None:
    """The last notices of an engine, delivered or waiting. Calls api.notices_list."""
    session.show("api.notices_list", empty="no notices", engine_id=engine, limit=limit)


@notices.command()
@pass_session
def rules(session: Session) -> None:
    """Which events are told, where and how urgently. Calls api.notices_rules."""
    session.show("api.notices_rules")
