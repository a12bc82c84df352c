"""mqk readiness: what was asked for, what proves it, and when that last ran."""

from __future__ import annotations

from collections import Counter

import click

from mqk.cli.common import Command, Session, pass_session
from mqk.errors import MqkError
from mqk.readiness import read, rows


@click.command(cls=Command)
@click.option("--all", "whole", is_flag=True, help="Every scenario, invariant and matrix row too.")
@pass_session
def readiness(session: Session, whole: bool) -> None:
    """Tell the statements and criteria of a proven desk, each with the tests that last proved it.

    Exit 4 while one of them is not proven: never recorded counts as not proven.
    """
    told = read()
    every = [name for group in told["groups"] for name in group["names"]]
    shown = [name for group in told["groups"][: None if whole else 2] for name in group["names"]]
    counts = Counter(name["verdict"] for name in every)
    if session.as_json:
        session.print_document({"laws": told["laws"], "verdicts": counts, "names": shown})
    else:
        session.print(list(rows(shown)))
        summary = ", ".join(f"{n} {verdict}" for verdict, n in sorted(counts.items()))
        laws = told["laws"]
        click.echo(f"all names: {summary}; laws: {laws['proven']} of {laws['all']} proven")
    if missing := [n["name"] for n in every if n["verdict"] not in ("PROVEN", "N/A")]:
        raise MqkError(
            "MQI92",
            "what was asked for is proven",
            f"{len(missing)}: {', '.join(missing)}",
            "make proofs; what is OPEN says what is missing.",
        )
