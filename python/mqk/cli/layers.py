"""The options that name the layers of a config, for every command that takes one."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from mqk.cli.common import Session
from mqk.config.faults import refuse
from mqk.config.load import Layered, read_config
from mqk.desk import default_layers

OPTIONS = (
    click.option("--environment", help="A file of config/environments/, by name."),
    click.option("--engine", "engine_file", help="A file of config/engines/, by name."),
    click.option("--risk-profile", help="A file of config/risk_profiles/, by name."),
    click.option(
        "--stress-profile",
        "stress_profiles",
        multiple=True,
        help="A file of config/stress_profiles/, by name; may be given several times.",
    ),
    click.option(
        "--config",
        "files",
        multiple=True,
        type=click.Path(path_type=Path),
        help="A YAML file on top of all; may be given several times.",
    ),
)


def layer_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of layers; it gets them as `layered`, read and merged."""

    @wraps(command)
    def with_layers(
        *args: Any,
        environment: str | None,
        engine_file: str | None,
        risk_profile: str | None,
        stress_profiles: tuple[str, ...],
        files: tuple[Path, ...],
        **kwargs: Any,
    ) -> Any:
        below = default_layers(environment, engine_file, risk_profile, stress_profiles)
        return command(*args, layered=read_config([*below, *files]), **kwargs)

    for option in reversed(OPTIONS):
        with_layers = option(with_layers)
    return with_layers


def tell_layers(layered: Layered) -> None:
    """Say on standard error which files made the config, and its hash."""
    names = " < ".join(layer.name for layer in layered.layers)
    click.echo(f"layers: {names}\nhash:   {layered.digest}", err=True)


def judge(session: Session, layered: Layered) -> list[dict[str, Any]]:
    """What the database says of a config: its faults, each with the file and the line that brought it.

    Raises MqkError MQA07 or MQA30 naming all fatal ones.
    """
    rows = session.call("api.config_check", config=layered.text)
    faults = [(row, layered.place(row["rule"], row["path"], row["problem"])) for row in rows]
    if fatal := [fault for row, fault in faults if row["is_fatal"]]:
        raise refuse(fatal)
    return [
        {"rule": row["rule"], "file": f"{fault.file}:{fault.line}", **row} for row, fault in faults
    ]


def tell_warnings(session: Session, layered: Layered) -> None:
    """Say on standard error what does not hold a run back but should be known. Raises as judge."""
    for row in judge(session, layered):
        click.echo(
            f"warning: CONFIG_{row['rule']} {row['file']} {row['path']} {row['problem']}", err=True
        )
