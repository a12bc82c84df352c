"""mqk backtest stress, walk-forward, cross-validate, monte-carlo: studies of a backtest, step by step."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from mqk.backtesting import answer_step
from mqk.cli.common import Command, Session, pass_session
from mqk.errors import MqkError

BACKTEST = click.argument("backtest_id", type=click.UUID)
FOLDS = click.option("--folds", default=5, show_default=True, help="How many tests, 3 to 20.")
SCORE = click.option(
    "--score",
    default="SHARPE",
    show_default=True,
    type=click.Choice(["SHARPE", "RETURN"]),
    help="What training chooses by.",
)
CHOICES = click.option(
    "--choices",
    help="Parameters to choose from: a JSON array of objects. None: the backtest's own.",
)


def parse_choices(text: str | None) -> Any:
    """The choices as JSON; raises MqkError MQA86."""
    try:
        return json.loads(text) if text else None
    except json.JSONDecodeError as no:
        raise MqkError(
            "MQA86", "a study has terms that its backtest can bear", f"choices: {no}",
            "Give a JSON array of objects.",
        ) from no  # fmt: skip


def study(session: Session, function: str, backtest_id: UUID, **terms: Any) -> None:
    """Begin a study, run its steps with a progress bar, and print its outcome."""
    begun = session.call(function, backtest_id=backtest_id, **terms, now_at=session.clock())[0]
    study_id = begun["study_id"]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(begun["study_kind"].lower(), total=None)
        while True:
            answer_step(session.conn, session.clock, study_id)
            rows = session.call("api.backtest_step", study_id=study_id, now_at=session.clock())
            if not rows:
                break
            step = rows[0]
            text = f"{step['step_part'].lower()} {step['fold_no']} {step['scenario'].lower()}"
            bar.update(task, description=text, completed=step["step_no"], total=step["steps"])
    rows = session.call("api.backtest_studies", backtest_id=backtest_id)
    ended = next(row for row in rows if row["study_id"] == study_id)
    if session.as_json:
        session.print([ended])
        return
    session.print(
        [
            {
                "fold": step["fold_no"],
                "part": step["step_part"],
                "scenario": step["scenario"],
                "choice": step["choice_no"],
                "ok": step["is_ok"],
                **{name: step["measures"][name] for name in ("total_return", "max_drawdown")},
            }
            for step in ended["steps"] or []
        ],
        empty="no steps",
    )
    session.print([{"passed": ended["is_passed"], **ended["measures"]}])


@click.command(cls=Command)
@BACKTEST
@pass_session
def stress(session: Session, backtest_id: UUID) -> None:
    """Dearer, slower, thinner trading, and other markets. Calls api.backtest_stress."""
    study(session, "api.backtest_stress", backtest_id)


@click.command(cls=Command)
@BACKTEST
@FOLDS
@SCORE
@CHOICES
@pass_session
def walk_forward(
    session: Session, backtest_id: UUID, folds: int, score: str, choices: str | None
) -> None:
    """Choose on the past, test on what follows, again and again. Calls api.backtest_walk_forward."""
    terms = {"folds": folds, "score": score, "choices": parse_choices(choices)}
    study(session, "api.backtest_walk_forward", backtest_id, **terms)


@click.command(cls=Command)
@BACKTEST
@FOLDS
@click.option("--embargo", default=5, show_default=True, help="Ticks left out after a test.")
@SCORE
@CHOICES
@pass_session
def cross_validate(
    session: Session, backtest_id: UUID, folds: int, embargo: int, score: str, choices: str | None
) -> None:
    """Test each part by what was chosen on the others, purged. Calls api.backtest_cross_validate."""
    terms = {"folds": folds, "score": score, "choices": parse_choices(choices)}
    study(session, "api.backtest_cross_validate", backtest_id, embargo=embargo, **terms)


@click.command(cls=Command)
@BACKTEST
@click.option("--samples", default=1000, show_default=True, help="How many paths, 100 to 10000.")
@click.option(
    "--method",
    default="BOOTSTRAP",
    show_default=True,
    type=click.Choice(["BOOTSTRAP", "PERMUTATION"]),
    help="Draw trades with replacement, or in another order.",
)
@click.option("--seed", default=1, show_default=True, help="The same seed, the same paths.")
@pass_session
def monte_carlo(session: Session, backtest_id: UUID, samples: int, method: str, seed: int) -> None:
    """What luck might have made of the same trades. Calls api.backtest_monte_carlo."""
    terms = {"samples": samples, "method": method, "seed": seed}
    study(session, "api.backtest_monte_carlo", backtest_id, **terms)


COMMANDS = (stress, walk_forward, cross_validate, monte_carlo)
