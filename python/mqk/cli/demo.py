"""mqk demo: the whole desk on bundled bars, from nothing to a report."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from mqk.cli.common import Command, Session, pass_session
from mqk.errors import MqkError


@click.command(cls=Command)
@click.option(
    "--sessions",
    default=756,
    show_default=True,
    type=click.IntRange(5, 1500),
    help="How many sessions to trade.",
)
@click.option(
    "--from",
    "start",
    default="2009-01-02",
    show_default=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help="First session.",
)
@click.option(
    "--strategy",
    default="sma_trend",
    show_default=True,
    type=click.Choice(["sma_trend", "sma_trend_sql", "mean_reversion"]),
)
@click.option("--out", default="exports", show_default=True, type=click.Path(path_type=Path))
@pass_session
def demo(session: Session, sessions: int, start: datetime, strategy: str, out: Path) -> None:
    """Run the whole desk on bundled real bars: deploy, ingest, arm, trade, reconcile, report.

    Takes the embedded server (a fresh database each time) or, if MQK_DATABASE_URL names one, yours.
    """
    from mqk.demo import run_demo

    result = run_demo(sessions=sessions, start=start.date(), strategy=strategy, out=out)
    if session.as_json:
        session.print_document(result)
    if result["invariants_broken"]:
        raise MqkError("MQI05", "every promise holds", ", ".join(result["invariants_broken"]))
    if result["replay_differs"]:
        law = "state is the fold of the diary"
        raise MqkError("MQI90", law, ", ".join(result["replay_differs"]))
