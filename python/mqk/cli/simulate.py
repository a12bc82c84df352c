"""mqk simulate: lives of a desk out of seeds, with everything that can go wrong, on a scratch database."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mqk.cli.common import Command, Session, pass_session
from mqk.errors import MqkError

if TYPE_CHECKING:
    from mqk.simulating.life import Life


@click.command(cls=Command)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help="The first one.")
@click.option("--seeds", default=10, show_default=True, type=click.IntRange(1), help="How many.")
@click.option(
    "--steps", default=40, show_default=True, type=click.IntRange(0, 10_000), help="Of each life."
)
@click.option("--jobs", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes.")
@click.option("--play", help="Live these steps, as a failing life prints them, with --seed.")
@click.option("--shrink", is_flag=True, help="Make the first failing life short.")
@click.option("--trace", is_flag=True, help="Print every call, of one seed.")
@click.option("--canary", is_flag=True, help="Plant a bug, which must be found.")
@click.option(
    "--ledger", type=click.Path(path_type=Path, dir_okay=False), help="Add a row to this CSV file."
)
@pass_session
def simulate(
    session: Session, seed: int, seeds: int, steps: int, jobs: int, play: str | None, shrink: bool,
    trace: bool, canary: bool, ledger: Path | None,
) -> None:  # fmt: skip
    """Live seeds through on a throw-away server of its own, never on yours; exit 4 at a violation.

    One line a seed, then the sum. A seed and a commit are the same life again, with the same digest.
    """
    from mqk.simulating.campaign import (
        Keeper,
        Totals,
        name_commit,
        run_seeds,
        shorten,
        write_ledger,
    )  # fmt: skip
    from mqk.simulating.life import draw_steps, read_steps
    from mqk.simulating.world import open_server, read_script

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    first_bad: list[Life] = []
    began, totals, commit = time.monotonic(), Totals(), name_commit()
    planted = read_script("canary") if canary else b""

    def tell(life: Life) -> None:
        totals.add(life)
        first_bad.extend([life] * (bool(life.broken) and not first_bad))
        show(life)

    if play is not None or trace:
        try:
            asked = draw_steps(seed, steps) if play is None else read_steps(play)
        except ValueError as no:
            raise MqkError("MQA02", "a value is out of its range", f"--play: {no}") from no
        with open_server() as cluster:
            life = Keeper(cluster, planted).live(seed, asked, keeps=trace)
        click.echo("\n".join(life.lines), nl=trace)
        tell(life)
    else:
        for life in run_seeds(seed, seeds, steps, jobs, planted):
            tell(life)
    if first_bad and shrink:
        with open_server() as cluster:
            show(shorten(cluster, first_bad[0], planted), steps=True)
    seconds = time.monotonic() - began
    sums = ", ".join(
        f"{totals.counts[k]} {k}" for k in ("calls", "events", "orders", "fills", "crashes")
    )
    click.echo(f"{totals.seeds} seeds, {sums}, {totals.violations} violations, {seconds:.0f} s")
    if ledger:
        on = session.clock().date().isoformat()
        about = {"on": on, "commit": commit, "first_seed": seed, "steps": steps}
        write_ledger(ledger, totals, **about, seconds=round(seconds))
    if totals.violations:
        raise MqkError("MQI91", "a simulated desk keeps every promise", first_bad[0].broken[0],
                       f"mqk simulate --seed {first_bad[0].seed} --steps {steps} --trace")  # fmt: skip


def show(life: Life, *, steps: bool = False) -> None:
    """One line; what is wrong, and how to live it again, below."""
    counts = " ".join(f"{name} {n}" for name, n in life.counts.items())
    state = "VIOLATED" if life.broken else "ok"
    click.echo(f"{life.seed:8} {state:8} {life.digest[:16]} {life.rest or '-'}; {counts}")
    for wrong in life.broken:
        click.echo(f"    {wrong}")
    if steps:
        words = " ".join(str(step) for step in life.steps)
        click.echo(f"    mqk simulate --seed {life.seed} --play '{words}'")
