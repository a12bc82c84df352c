"""mqk backtest ...: the api.backtest_* functions."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import click

from mqk.cli.common import Group, Session, pass_session
from mqk.cli.layers import layer_options, tell_layers
from mqk.cli.studies import COMMANDS
from mqk.config.load import Layered

DAY = click.DateTime(["%Y-%m-%d"])


@click.group(cls=Group)
def backtest() -> None:
    """Freeze bars, run strategies on them, compare, stress."""


for study in COMMANDS:
    backtest.add_command(study)


@backtest.command()
@click.option("--timeframe", default="1D", show_default=True, help="1m, 5m, 15m, 1H or 1D.")
@click.option("--symbols", required=True, help="Symbols, a comma between.")
@click.option("--from", "from_on", required=True, type=DAY, help="First session.")
@click.option("--to", "to_on", required=True, type=DAY, help="Last session.")
@pass_session
def freeze(
    session: Session, timeframe: str, symbols: str, from_on: datetime, to_on: datetime
) -> None:
    """Freeze stored bars as a dataset. Calls api.backtest_freeze."""
    session.show(
        "api.backtest_freeze",
        timeframe=timeframe,
        symbols=[s.strip() for s in symbols.split(",")],
        from_on=from_on.date(),
        to_on=to_on.date(),
        now_at=session.clock(),
    )


@backtest.command("run")
@click.argument("dataset_id", type=click.UUID)
@layer_options
@pass_session
def run_backtest(session: Session, dataset_id: UUID, layered: Layered) -> None:
    """Run the strategy of the merged layers on a dataset. Calls api.backtest_run."""
    tell_layers(layered)
    session.show(
        "api.backtest_run", dataset_id=dataset_id, config=layered.text, now_at=session.clock()
    )


@backtest.command("list")
@pass_session
def list_backtests(session: Session) -> None:
    """All backtests, newest first. Calls api.backtest_list."""
    session.show("api.backtest_list", empty="no backtests yet: mqk backtest freeze")
