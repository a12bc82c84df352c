"""`mqk`: the command line. Groups are loaded when they are used, so that --help is quick."""

from __future__ import annotations

from importlib import import_module

import click

from mqk.cli.common import Command, Group
from mqk.systemd import take_credentials

GROUPS = {
    "demo": "Run the whole desk on bundled bars, from nothing to a report.",
    "db": "Deploy and look after the database.",
    "md": "Calendar, instruments and bars.",
    "config": "Layers of config: check, show, compare, hash, and what reads each key.",
    "run": "Create, arm, begin, watch, stop and halt runs.",
    "status": "A run at a glance; --watch keeps it on the screen.",
    "why": "Why a run does or does not trade, and what clears it.",
    "explain": "From the bar to the books: an order, a fill or a run.",
    "orders": "Orders and fills.",
    "position": "Positions and closed trades.",
    "risk": "Limits and verdicts.",
    "recon": "Comparisons with the broker.",
    "notices": "What people were told, and what they would be told.",
    "audit": "The diary: verify, anchor, export, read, operator actions.",
    "backtest": "Freeze bars, run strategies on them, compare.",
    "promote": "Judge which backtests may be traded, and rank them.",
    "report": "Export a run's artifacts and its HTML report.",
    "token": "Issue, list, rotate and revoke operator tokens.",
    "doctor": "Examine machine, server, logins and catalog, each with its fix.",
    "verify": "Check every promise of the database.",
    "readiness": "What was asked for, what proves it, and when it last did.",
    "replay": "Fold a run's diary anew and compare it with the tables.",
    "worker": "Run one of the workers.",
    "simulator": "Run a broker simulator that speaks Alpaca's protocol.",
    "simulate": "Live seeds of bad days through, on a scratch database.",
}


class LazyGroup(Group):
    """Imports mqk.cli.<name> when the group `<name>` is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(GROUPS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in GROUPS:
            return None
        command = getattr(import_module(f"mqk.cli.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(GROUPS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="mqk")
def main() -> None:
    """MiniQuantDesk: a trading desk whose brain is Postgres.

    MQK_DATABASE_URL names your server; without it the embedded desk is used (mqk db start).
    Exit codes: 0 done, 2 fix the call, 3 a rule refuses, 4 an invariant broke, 75 try again later.
    """
    take_credentials()


__all__ = ["Command", "main"]
