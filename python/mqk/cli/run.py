"""mqk run ...: every command is the api.run_* function of the same name, and nothing more."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

import click

from mqk.cli.common import RUN, WHY, Group, Session, pass_session, shown
from mqk.cli.layers import layer_options, tell_layers, tell_warnings
from mqk.config.load import Layered
from mqk.errors import FIX_THE_CALL, REFUSED, MqkError
from mqk.halting import (
    deadman_path,
    halt_path,
    has_deadman_file,
    read_halt,
    remove_file,
    write_file,
)

ENGINE_NAME = re.compile("[A-Z][A-Z0-9]{1,7}")


@click.group(cls=Group)
def run() -> None:
    """Create, arm, begin, watch, stop and halt runs."""


@run.command()
@layer_options
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%z"]),
    help="The instant the run starts from (default: now).",
)
@pass_session
def create(session: Session, layered: Layered, as_of: datetime | None) -> None:
    """Create a run from the merged layers; says which they are. Calls api.run_create."""
    tell_layers(layered)
    tell_warnings(session, layered)
    session.act(
        "api.run_create",
        config=layered.text,
        as_of_at=as_of.astimezone() if as_of else session.clock(),
    )


@run.command("list")
@pass_session
def list_runs(session: Session) -> None:
    """All runs, newest first. Calls api.run_list."""
    session.show("api.run_list", empty="no runs yet: mqk run create")


@run.command()
@RUN
@pass_session
def show(session: Session, run_id: UUID) -> None:
    """A run with its config and history. Calls api.run_show."""
    session.print_document(session.call("api.run_show", run_id=run_id)[0]["run_show"])


@run.command()
@RUN
@pass_session
def preflight(session: Session, run_id: UUID) -> None:
    """Every check before arming, and the words that arm. Calls api.run_preflight."""
    checks = session.call("api.run_preflight", run_id=run_id, now_at=session.clock())
    session.print(checks)
    words = session.call("api.run_arm_words", run_id=run_id)[0]["run_arm_words"]
    failed = [c["check_name"] for c in checks if not c["is_ok"]]
    if failed:
        raise MqkError("MQG03", "preflight passes before arming", ", ".join(failed))
    if not session.as_json:
        click.echo(f"ready: mqk run arm {run_id} --confirm '{words}'")


WORDS = click.option("--confirm", required=True, help="The exact words that preflight prints.")


@run.command()
@RUN
@WORDS
@pass_session
def approve(session: Session, run_id: UUID, confirm: str) -> None:
    """Approve arming RUN_ID as the second person, in the same words. Calls api.run_approve."""
    session.act("api.run_approve", run_id=run_id, confirm=confirm)


@run.command()
@RUN
@WORDS
@pass_session
def arm(session: Session, run_id: UUID, confirm: str) -> None:
    """Arm RUN_ID if every check passes and the words match. Calls api.run_arm.

    The deadman file of the run's engine is written on this machine first, if the run needs one.
    """
    shown = session.call("api.run_show", run_id=run_id)[0]["run_show"]
    path = deadman_path(shown["engine_id"])
    is_new = shown["config"]["runtime"]["deadman_file"] and not has_deadman_file(path)
    if is_new:
        write_file(path, str(run_id))
    try:
        session.act("api.run_arm", run_id=run_id, confirm=confirm)
    except MqkError:
        if is_new:
            remove_file(path)
        raise


@run.command("change-mode")
@click.argument("engine_id")
@click.argument("mode", type=click.Choice(["PAPER", "SHADOW", "LIVE"]))
@WHY
@pass_session
def change_mode(session: Session, engine_id: str, mode: str, reason: str) -> None:
    """Let the runs of ENGINE_ID be active in MODE; none may be active now. Calls api.run_change_mode."""
    session.act("api.run_change_mode", engine_id=engine_id, mode=mode, reason=reason)


@run.command()
@RUN
@pass_session
def begin(session: Session, run_id: UUID) -> None:
    """Begin an armed run. Calls api.run_begin."""
    session.act("api.run_begin", run_id=run_id)


@run.command()
@RUN
@WHY
@pass_session
def stop(session: Session, run_id: UUID, reason: str) -> None:
    """Stop an armed or running run; its deadman file goes. Calls api.run_stop."""
    session.act("api.run_stop", run_id=run_id, reason=reason)
    drop_deadman_file(session, run_id)


@run.command()
@RUN
@WHY
@click.option("--engine", default="MAIN", show_default=True, envvar="MQK_ENGINE")
@pass_session
def halt(session: Session, run_id: UUID, reason: str, engine: str) -> None:
    """Halt RUN_ID at once, from wherever it stands; its deadman file goes. Calls api.run_halt.

    If the database cannot be reached or does not obey, the halt file of --engine is written: while it
    exists the workers of this machine send nothing, and they halt the run as soon as they can. Exit 75.
    """
    try:
        session.act("api.run_halt", run_id=run_id, reason=reason)
    except MqkError as away:
        if away.exit_code in (FIX_THE_CALL, REFUSED):
            raise
        raise halt_by_file(engine, run_id, reason, away) from away
    drop_deadman_file(session, run_id)


def drop_deadman_file(session: Session, run_id: UUID) -> None:
    """Remove the deadman file of the run's engine from this machine; one that stays is only said."""
    engine = session.call("api.run_show", run_id=run_id)[0]["run_show"]["engine_id"]
    try:
        remove_file(deadman_path(engine))
    except OSError as no:
        click.echo(f"the deadman file stays: {no}", err=True)


@run.command()
@RUN
@WHY
@pass_session
def flatten(session: Session, run_id: UUID, reason: str) -> None:
    """Halt RUN_ID and close all its positions. Calls api.run_flatten.

    The gateway cancels what is open and sells or buys back what is held, while the positions are proven:
    the last reconcile agrees, the broker's events are complete, no order is in doubt.
    `mqk risk trips` shows what it waits for.
    """
    session.act("api.run_flatten", run_id=run_id, reason=reason)


def halt_by_file(engine: str, run_id: UUID, reason: str, away: MqkError) -> MqkError:
    """Write the halt file of an engine; give the error that tells what was done and what was not."""
    path = halt_path(engine)
    try:
        if not ENGINE_NAME.fullmatch(engine):
            raise OSError(0, "no engine has this name")
        write_file(path, reason)
        remove_file(deadman_path(engine))
    except OSError as no:
        said = f"{away.detail}; no halt file either: {path}: {no.strerror}"
        return MqkError(away.code, away.law, said, "Stop the gateway: systemctl stop mqk@gateway.")
    done = f"not halted in the database: {away.detail}; wrote the halt file {path}: while it exists, no"
    done += f" worker of {engine} on this machine sends, and the first that can halts {run_id}"
    return MqkError(away.code, away.law, done, "Look at the run when the database is back.")


@run.command("clear-halted")
@RUN
@WHY
@pass_session
def clear_halted(session: Session, run_id: UUID, reason: str) -> None:
    """Clear a halt after looking into it; RUN_ID stays disarmed. Calls api.run_clear_halted.

    A halt file of the run's engine on this machine is first told to the database, then removed.
    """
    path = halt_path(session.call("api.run_show", run_id=run_id)[0]["run_show"]["engine_id"])
    if why := read_halt(path):
        told = f"halt file: {why}"
        session.ask("api.run_halt", run_id=run_id, reason=told)
        removed = remove_file(path)
        click.echo(
            f"{'removed' if removed else 'was gone:'} the halt file {path} ({shown(why)})", err=True
        )
    session.act("api.run_clear_halted", run_id=run_id, reason=reason)


@run.command("check-health")
@pass_session
def check_health(session: Session) -> None:
    """Signs of life of every running run; exit 3 if one is missing. Calls api.run_check_health."""
    rows = session.call("api.run_check_health", now_at=session.clock())
    session.print(rows, empty="no run is running")
    if dead := [f"{row['engine_id']} {row['worker_kind']}" for row in rows if not row["is_alive"]]:
        law = "every worker of a running run shows a sign of life"
        raise MqkError("MQG13", law, ", ".join(dead), "Start them: mqk worker NAME.")


@run.command()
@click.argument("login")
@click.option("--engine", "engines", multiple=True, help="May be given several times.")
@click.option("--all", "everything", is_flag=True, help="All engines, as at first.")
@pass_session
def scope(session: Session, login: str, engines: tuple[str, ...], everything: bool) -> None:
    """Let LOGIN know of these engines and no other. Calls api.run_scope."""
    if everything == bool(engines):
        fix = "Name engines, or say --all."
        raise MqkError("MQA01", "an argument is missing", "--engine or --all", fix)
    session.act("api.run_scope", login=login, engine_ids=list(engines))


@run.command()
@pass_session
def strategies(session: Session) -> None:
    """Registered strategies. Calls api.run_strategies."""
    session.show("api.run_strategies")
