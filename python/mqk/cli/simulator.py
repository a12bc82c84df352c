"""mqk simulator: a broker on this machine that speaks Alpaca's protocol and fails on demand."""

from __future__ import annotations

import asyncio
import os
from decimal import Decimal, InvalidOperation
from pathlib import Path
from uuid import UUID

import click

from mqk.cli.common import Command, Session, pass_session
from mqk.clock import system_clock
from mqk.errors import MqkError

KEYS = ("APCA_API_KEY_ID", "APCA_API_SECRET_KEY")


def read_dollars(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """Dollars of at most nine places, not below zero."""
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise click.BadParameter("is not an amount of dollars") from None
    if not amount.is_finite() or not 0 <= amount <= 10**12:
        raise click.BadParameter("must be in 0..10^12")
    return format(amount, "f")


@click.command(cls=Command)
@click.option(
    "--port",
    default=0,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port on 127.0.0.1; 0 takes a free one.",
)
@click.option(
    "--ledger",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The simulator's own books; a file that is there is continued.",
)
@click.option("--seed", default=0, show_default=True, help="The same seed gives the same ids.")
@click.option(
    "--cash",
    default="100000",
    show_default=True,
    callback=read_dollars,
    help="Dollars of a new account.",
)
@click.option("--account", type=click.UUID, help="Id of a new account; else derived from the seed.")
@click.option("--no-dedupe", is_flag=True, help="Take a client_order_id twice, so that it shows.")
@click.option(
    "--real-clock", is_flag=True, help="Use this machine's time, not a clock that is told."
)
@pass_session
def simulator(
    session: Session, port: int, ledger: Path, seed: int, cash: str, account: UUID | None,
    no_dedupe: bool, real_clock: bool,
) -> None:  # fmt: skip
    """Run a broker simulator until SIGTERM: Alpaca's trading protocol, a market you tell, faults.

    Clients use the keys of APCA_API_KEY_ID and APCA_API_SECRET_KEY, which must be set. The address is
    printed once it listens. See docs/simulator.md for /_sim, the control plane.
    """
    from mqk.simulator import open_simulator
    from mqk.simulator.server import HOST, run

    missing = [name for name in KEYS if not os.environ.get(name)]
    if missing:
        fix = "Set both to any values; the client uses the same."
        raise MqkError("MQA01", "an argument is missing", ", ".join(missing), fix)
    made = open_simulator(
        ledger, (os.environ[KEYS[0]], os.environ[KEYS[1]]), seed=seed, cash=cash,
        account_id=str(account) if account else None, dedupe=not no_dedupe,
        clock=system_clock if real_clock else None,
    )  # fmt: skip

    def announce(bound: int) -> None:
        told = {"url": f"http://{HOST}:{bound}", "stream": f"ws://{HOST}:{bound}/stream",
                "control": f"http://{HOST}:{bound}/_sim/", "ledger": str(ledger)}  # fmt: skip
        if session.as_json:
            click.echo(write_line(told))
        else:
            click.echo(f"listening on {told['url']}, ledger {ledger}")

    asyncio.run(run(made, port, announce))


def write_line(document: dict[str, str]) -> str:
    """One line of JSON: a reader knows that it is whole."""
    import json

    return json.dumps(document)
