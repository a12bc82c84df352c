"""mqk replay: the state of a run, folded anew from its diary."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import click

from mqk.cli.common import RUN, Command, Session, pass_session
from mqk.errors import MqkError

LAW, FIX = "state is the fold of the diary", "Keep the database as it is and find out who wrote."


@click.command(cls=Command)
@RUN
@click.option(
    "--until",
    "until_at",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"]),
    help="Show the state as of then (UTC).",
)
@click.option("--table", "table_name", help="Print the rows of one table of state, as replayed.")
@click.option(
    "--export", "out", type=click.Path(path_type=Path), help="Write the log as JSON lines."
)
@pass_session
def replay(
    session: Session,
    run_id: UUID,
    until_at: datetime | None,
    table_name: str | None,
    out: Path | None,
) -> None:
    """Fold the diary of RUN_ID and compare each table; exit 4 if one differs. Calls api.replay_all.

    --export writes what `python -m mqk.refold` folds again, a program that knows nothing of this one.
    """
    until_at = until_at and until_at.replace(tzinfo=UTC)
    if out is not None:
        lines = [row["line"] for row in session.call("api.replay_log", run_id=run_id)]
        out.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        click.echo(f"{len(lines)} lines: {out}", err=True)
    if table_name is not None:
        rows = session.call(
            "api.replay_rows", run_id=run_id, table_name=table_name, until_at=until_at
        )
        session.print([row["row_data"] for row in rows], empty="no rows")
        return
    tables = session.call("api.replay_all", run_id=run_id, until_at=until_at)
    session.print(tables if session.as_json else [_shorten(table) for table in tables])
    broken = [f"{t['table_name']} {t['difference']}" for t in tables if t["is_equal"] is False]
    if broken:
        raise MqkError("MQI90", LAW, "; ".join(broken[:-1] or broken), FIX)


def _shorten(table: dict[str, object]) -> dict[str, object]:
    """A row for people: the digests' first 16 digits; the difference is told as the error."""
    digests = ("stored_digest", "replayed_digest")
    row = {key: value for key, value in table.items() if key != "difference"}
    return row | {key: value[:16] for key in digests if isinstance(value := row[key], str)}
