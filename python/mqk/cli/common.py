"""What all commands share: a session, output as a table or as JSON, errors with their exit code."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import click

from mqk.clock import system_clock
from mqk.errors import MqkError

Row = dict[str, Any]


class Session:
    """One command's session: connects when the first call needs it."""

    def __init__(self) -> None:
        self.as_json = False
        self._conn: Any = None

    @staticmethod
    def clock() -> datetime:
        """The time that is passed as now_at."""
        return system_clock()

    @property
    def conn(self) -> Any:
        """The database session: MQK_DATABASE_URL, or the embedded desk as its operator."""
        if self._conn is None:
            from mqk.db import connect
            from mqk.desk import login_url

            self._conn = connect(login_url("operator"), "mqk-cli")
        return self._conn

    def hear(self, hear: Callable[[str], None]) -> None:
        """From now on tell `hear` what the server says while it works."""
        from mqk.db import TALKING, connect
        from mqk.desk import login_url

        self._conn = connect(login_url("operator"), "mqk-cli", TALKING)
        self._conn.add_notice_handler(lambda said: hear(said.message_primary))

    def call(self, function: str, /, **args: Any) -> list[Row]:
        """Call an api function."""
        from mqk.db import call

        return call(self.conn, function, **args)

    def find_run(self, engine: str) -> UUID:
        """The run of an engine: the active one, else the latest."""
        found: UUID = self.call("api.run_find", engine_id=engine)[0]["run_find"]
        return found

    def show(self, function: str, /, *, empty: str = "nothing to show", **args: Any) -> None:
        """Call an api function and print its rows."""
        self.print(self.call(function, **args), empty=empty)

    def ask(self, function: str, /, **args: Any) -> Row:
        """Call an operator action, under the token of MQK_TOKEN if there is one; a refusal (a returned
        row) becomes an error with its exit code.
        """
        from mqk.tokens import token_from_environment

        if token := token_from_environment():
            args = {
                "token_id": token.token_id,
                "digest": token.digest,
                "command": function.removeprefix("api."),
                "arguments": json.loads(json.dumps(args, default=_as_text)),
            }
            function = "api.as_token"
        row = self.call(function, **args, now_at=self.clock())[0]
        if row["outcome"] == "REFUSED":
            raise MqkError(row["error_code"], row["law"], row["detail"], row["fix"])
        return row

    def act(self, function: str, /, **args: Any) -> Row:
        """An operator action; prints where its run stands."""
        row = self.ask(function, **args)
        self.print([{key: row[key] for key in ("outcome", "run_id", "run_status")}])
        if row["detail"]:
            click.echo(shown(row["detail"]), err=True)
        return row

    def print(self, rows: Sequence[Row], *, empty: str = "nothing to show") -> None:
        """Rows as a table for people, or as a JSON array."""
        if self.as_json:
            click.echo(json.dumps(rows, default=_plain, indent=2))
        elif not rows:
            click.echo(empty)
        else:
            _print_table(rows)

    def print_document(self, document: Any) -> None:
        """One JSON document, indented."""
        click.echo(json.dumps(document, default=_plain, indent=2))


def _as_text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _plain(value: Any) -> Any:
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def shown(text: str) -> str:
    """Text of strangers for a terminal: what would steer it, or does not show, is spelled out."""
    return "".join(
        c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in text
    )


def _cell(column: str, value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "NO"
    if column.endswith("_micros"):
        return f"{Decimal(value).scaleb(-6):,.2f}"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, dict | list):
        return json.dumps(value, default=_plain)
    return shown(str(value))


def _print_table(rows: Sequence[Row]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, header_style="bold")
    for column in rows[0]:
        number = any(isinstance(r[column], int | Decimal) for r in rows)
        title = column.removesuffix("_micros").replace("_", " ")
        table.add_column(title, justify="right" if number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(column, row[column]) for column in row))
    width = None if sys.stdout and sys.stdout.isatty() else int(os.environ.get("COLUMNS", "160"))
    Console(width=width, highlight=False, markup=False).print(table)


class Command(click.Command):
    """A click command that also takes --json and turns MqkError into text and an exit code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.append(click.Option(["--json", "as_json"], is_flag=True, help="Print JSON."))

    def invoke(self, ctx: click.Context) -> Any:
        session = ctx.ensure_object(Session)
        session.as_json = ctx.params.pop("as_json", False)
        try:
            return super().invoke(ctx)
        except MqkError as error:
            report_error(error, as_json=session.as_json)
            ctx.exit(error.exit_code)
        except OSError as no:
            if isinstance(no, BrokenPipeError):  # who read has gone: click ends in silence
                raise
            law, fix = (
                "a file of this machine can be read and written",
                "Make room, or mend its rights.",
            )
            told = MqkError("58030", law, str(no), fix)
            report_error(told, as_json=session.as_json)
            ctx.exit(told.exit_code)


def report_error(error: MqkError, *, as_json: bool) -> None:
    """Say on standard error what was refused, with which values, and how to fix it."""
    if as_json:
        click.echo(json.dumps(error.as_dict()), err=True)
        return
    click.secho(f"{error.code}: {shown(error.law)}", fg="red", err=True)
    if error.detail:
        click.echo(f"  {shown(error.detail)}", err=True)
    if error.fix:
        click.echo(f"  fix: {error.fix}", err=True)


class Group(click.Group):
    """A click group whose commands take --json."""

    command_class = Command


Group.group_class = Group
pass_session: Callable[..., Any] = click.make_pass_decorator(Session, ensure=True)
RUN = click.argument("run_id", type=click.UUID)
OPTIONAL_RUN = click.argument("run_id", type=click.UUID, required=False)
ENGINE = click.option("--engine", default="MAIN", show_default=True, envvar="MQK_ENGINE")
WHY = click.option("--reason", required=True, help="Why; kept in the diary.")
