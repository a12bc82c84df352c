"""mqk token ...: the api.token_* functions. With MQK_TOKEN set, the actions of people use that token."""

from __future__ import annotations

from datetime import timedelta

import click

from mqk.cli.common import WHY, Group, Session, pass_session
from mqk.errors import MqkError
from mqk.tokens import VARIABLE, Token, make_token, token_from_environment

SCOPES = ("read", "halt", "operate", "approve", "arm_live", "admin")
HOURS = click.option(
    "--hours", default=24, show_default=True, type=click.IntRange(1, 2160), help="Until it expires."
)


@click.group(cls=Group)
def token() -> None:
    """Issue, list, rotate and revoke operator tokens."""


@token.command()
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(SCOPES))
@click.option(
    "--env", "environment", default="paper", show_default=True, help="A word in its name."
)
@HOURS
@pass_session
def issue(session: Session, scopes: tuple[str, ...], environment: str, hours: int) -> None:
    """Issue a token that acts in your name, and show it this once. Calls api.token_issue."""
    made = make_token(environment)
    row = session.ask(
        "api.token_issue",
        token_id=made.token_id,
        verifier=made.verifier,
        environment=environment,
        scopes=list(scopes),
        expires_at=session.clock() + timedelta(hours=hours),
    )
    show_once(session, made, row["detail"])


@token.command()
@click.argument("token_id")
@HOURS
@pass_session
def rotate(session: Session, token_id: str, hours: int) -> None:
    """Issue one in place of TOKEN_ID, which ends in a day. Calls api.token_rotate."""
    made = make_token(find_environment(session, token_id))
    row = session.ask(
        "api.token_rotate",
        replaces=token_id,
        token_id=made.token_id,
        verifier=made.verifier,
        expires_at=session.clock() + timedelta(hours=hours),
    )
    show_once(session, made, row["detail"])


@token.command("list")
@pass_session
def list_tokens(session: Session) -> None:
    """All tokens and their use, never a secret. Calls api.token_list."""
    session.show("api.token_list", empty="no tokens yet: mqk token issue", now_at=session.clock())


@token.command()
@click.argument("token_id")
@WHY
@pass_session
def revoke(session: Session, token_id: str, reason: str) -> None:
    """End TOKEN_ID now, whosever it is. Calls api.token_revoke."""
    session.act("api.token_revoke", token_id=token_id, reason=reason)


@token.command()
@pass_session
def check(session: Session) -> None:
    """Whether the token of MQK_TOKEN is valid, and whose it is. Calls api.as_token."""
    if token_from_environment() is None:
        raise MqkError("MQA01", "an argument is missing", VARIABLE, "Give every argument a value.")
    session.act("api.token_check")


def find_environment(session: Session, token_id: str) -> str:
    """The environment of a token. Raises MqkError MQN60."""
    for row in session.call("api.token_list", now_at=session.clock()):
        if row["token_id"] == token_id:
            return str(row["environment"])
    raise MqkError("MQN60", "the token exists", token_id, "List the tokens: mqk token list.")


def show_once(session: Session, made: Token, detail: str) -> None:
    """Print the token, which nobody can show again."""
    session.print([{"token": made.text}])
    click.echo(f"{detail}; shown this once: set {VARIABLE} to it", err=True)
