"""mqk explain NAME: the api.explain_all function."""

from __future__ import annotations

import click

from mqk.cli.common import Command, Session, pass_session


@click.command(cls=Command)
@click.argument("name")
@pass_session
def explain(session: Session, name: str) -> None:
    """Why it came about and what became of it, step by step: an order, a fill or a run.

    NAME is a client order id, an execution id or a run id. Calls api.explain_all.
    """
    session.show("api.explain_all", name=name)
