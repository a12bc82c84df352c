"""mqk promote ...: the api.promote_* functions."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

import click
from rich.console import Console
from rich.progress import Progress

from mqk.build import find_build
from mqk.cli.common import Group, Session, pass_session
from mqk.errors import MqkError

PROFILE = click.option("--profile", default="MAIN", show_default=True, help="MAIN or EXP.")


@click.group(cls=Group)
def promote() -> None:
    """Judge which backtests may be traded, and rank them."""


@promote.command()
@click.argument("backtest_id", type=click.UUID)
@PROFILE
@click.option("--out", type=click.Path(path_type=Path), help="Write promotion_report.json here.")
@pass_session
def judge(session: Session, backtest_id: UUID, profile: str, out: Path | None) -> None:
    """Promote BACKTEST_ID, or say every reason why not. Calls api.promote_judge."""
    judged = session.call(
        "api.promote_judge",
        backtest_id=backtest_id,
        profile=profile,
        build=find_build(),
        now_at=session.clock(),
    )[0]
    if out:
        out.write_text(json.dumps(judged, default=str, indent=2, sort_keys=True) + "\n")
    shown = {key: judged[key] for key in ("promotion_id", "profile", "is_promoted", "score")}
    session.print([judged if session.as_json else shown])
    if not judged["is_promoted"]:
        raise MqkError(
            "MQG81", "a backtest passes every gate of its profile", "; ".join(judged["reasons"]),
            "Mend what the reasons name: mqk promote gates.",
        )  # fmt: skip


@promote.command()
@click.argument("backtest_id", type=click.UUID)
@click.argument("run_id", type=click.UUID)
@pass_session
def parity(session: Session, backtest_id: UUID, run_id: UUID) -> None:
    """Compare BACKTEST_ID with RUN_ID, act by act, and keep the verdict. Calls api.promote_parity."""
    ids = {"backtest_id": backtest_id, "run_id": run_id}
    kept = session.call("api.promote_parity", **ids, now_at=session.clock())
    session.print(kept)
    if kept[0]["differences"] and not session.as_json:
        session.show(
            "api.backtest_parity", **ids, empty="the acts are the same, terms or costs differ"
        )


@promote.command()
@click.argument("backtest_id", type=click.UUID)
@pass_session
def rehearse(session: Session, backtest_id: UUID) -> None:
    """Play BACKTEST_ID through every door of the desk, on a server of its own, and compare act by act.

    Calls api.promote_rehearse. A difference ends with exit code 3.
    """
    from mqk.rehearsing import rehearse as play

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("bars", total=None)
        kept = play(
            session.conn,
            backtest_id,
            session.clock,
            lambda done, all_: bar.update(task, completed=done, total=all_),
        )
    session.print([kept])
    if kept["differences"]:
        raise MqkError(
            "MQG83", "a rehearsal does what its backtest did", kept["first_difference"],
            "Look at what the detail names: a bar that came late, a strategy that looks ahead.",
        )  # fmt: skip


@promote.command()
@PROFILE
@pass_session
def rank(session: Session, profile: str) -> None:
    """The promoted backtests, the best first. Calls api.promote_rank."""
    session.show("api.promote_rank", empty="nothing is promoted", profile=profile)


@promote.command()
@PROFILE
@pass_session
def gates(session: Session, profile: str) -> None:
    """What a profile asks for. Calls api.promote_gates."""
    session.show("api.promote_gates", empty="no such profile", profile=profile)
