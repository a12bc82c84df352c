"""mqk config ...: what the layers of a config make together, and what the database says of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from mqk.cli.common import Group, Session, pass_session
from mqk.cli.layers import judge, layer_options, tell_layers
from mqk.config.load import Layered, canonical, read_config
from mqk.desk import default_layers

OTHER = click.option(
    "--other",
    required=True,
    type=click.Path(path_type=Path),
    help="A YAML file, laid on the defaults.",
)


@click.group(cls=Group)
def config() -> None:
    """Layers of config: check, show, compare, hash, and what reads each key."""


@config.command()
@layer_options
@pass_session
def check(session: Session, layered: Layered) -> None:
    """Every fault and warning, with file and line; exit 2 if one is fatal. Calls api.config_check."""
    tell_layers(layered)
    rows = judge(session, layered)
    session.print(
        [{k: v for k, v in row.items() if k != "is_fatal"} for row in rows], empty="no faults"
    )


@config.command()
@layer_options
@pass_session
def show(session: Session, layered: Layered) -> None:
    """The merged config; without --json each key with the file and line that it comes from."""
    if session.as_json:
        session.print_document(json.loads(layered.text, parse_float=Decimal))
        return
    rows = []
    for path, value in walk(layered.values):
        file, line = layered.locate(path)
        rows.append({"key": path, "value": told(value), "from": f"{file}:{line}"})
    tell_layers(layered)
    session.print(rows)


@config.command("hash")
@layer_options
@pass_session
def hash_(session: Session, layered: Layered) -> None:
    """The SHA-256 by which the database knows the config."""
    if session.as_json:
        names = [layer.name for layer in layered.layers]
        session.print_document({"config_hash": layered.digest, "layers": names})
    else:
        click.echo(layered.digest)


@config.command()
@layer_options
@OTHER
@pass_session
def diff(session: Session, layered: Layered, other: Path) -> None:
    """The keys in which the layers differ from another file laid on the defaults."""
    left = dict(walk(layered.values))
    right = dict(walk(read_config([*default_layers(), other]).values))
    session.print(
        [
            {"key": key, "here": told(left.get(key)), "other": told(right.get(key))}
            for key in sorted({*left, *right})
            if left.get(key) != right.get(key)
        ],
        empty="no difference",
    )


@config.command()
@pass_session
def consumed(session: Session) -> None:
    """What reads each key, at which brokers and in which modes. Calls api.config_consumed."""
    session.show("api.config_consumed")


def walk(values: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Every dotted path that holds no map, with its value, by name."""
    for key, value in sorted(values.items()):
        if isinstance(value, dict) and value:
            yield from walk(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value


def told(value: Any) -> str:
    """A value as canonical text."""
    return canonical(value)
