"""mqk db ...: deploy and look after the database; sqitch does the work where it is found."""

from __future__ import annotations

import click

from mqk.cli.common import Group, Session, pass_session
from mqk.desk import DATABASE, desk_url
from mqk.embedded import Cluster, database_url
from mqk.errors import MqkError

YES = click.option("--yes", is_flag=True, help="Go on although a LIVE run is active.")


@click.group(cls=Group)
def db() -> None:
    """Deploy and look after the database."""


def _guard(yes: bool) -> None:
    """Refuse while a LIVE run is armed or running; in a database without our rooms there is none."""
    from mqk.db import call, connect

    if yes:
        return
    try:
        with connect(desk_url(), "mqk-db") as conn:
            call(conn, "api.db_assert_no_live")
    except MqkError as error:
        if error.code not in ("3F000", "42883", "3D000"):
            raise


@db.command()
@pass_session
def start(session: Session) -> None:
    """Start the embedded server; print its connection string."""
    if given := database_url():
        raise MqkError(
            "MQS95", "your own server is in use", given.split("@")[-1], "Start it there."
        )
    cluster = Cluster().start()
    cluster.ensure_database(DATABASE)
    session.print([{"url": cluster.url(DATABASE)}])


@db.command()
@pass_session
def stop(session: Session) -> None:
    """Stop the embedded server; its data stays."""
    cluster = Cluster()
    cluster.stop()
    session.print([{"stopped": str(cluster.dir)}])


@db.command()
@YES
@pass_session
def deploy(session: Session, yes: bool) -> None:
    """Deploy all changes that are not there yet, each verified."""
    from mqk import sqitch

    del session
    _guard(yes)
    click.echo(sqitch.deploy(desk_url()))


@db.command()
@pass_session
def status(session: Session) -> None:
    """What is deployed and what is not."""
    from mqk import sqitch

    del session
    click.echo(sqitch.status(desk_url()))


@db.command()
@pass_session
def verify(session: Session) -> None:
    """Run the verify script of every deployed change."""
    from mqk import sqitch

    del session
    click.echo(sqitch.verify(desk_url()))


@db.command()
@click.option("--to", default=None, help="Change or tag to go back to; without it: to nothing.")
@YES
@click.confirmation_option("-y", prompt="Revert drops tables and their rows. Go on?")
@pass_session
def revert(session: Session, to: str | None, yes: bool) -> None:
    """Take changes back, newest first (needs sqitch)."""
    from mqk import sqitch

    del session
    _guard(yes)
    click.echo(sqitch.revert(desk_url(), to))


@db.command()
@pass_session
def errors(session: Session) -> None:
    """Every error of this desk: its law and its fix. Calls api.db_errors."""
    session.show("api.db_errors")
