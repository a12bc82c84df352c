"""Where the desk is: the user's own server, or the embedded one with the demo's databases."""

from __future__ import annotations

from pathlib import Path

import psycopg

from mqk.embedded import Cluster, database_url, find_checkout

DATABASE = "mqk_demo"
PAPER_DATABASE = "mqk_paper"


def desk_url() -> str:
    """Connection string of the desk: MQK_DATABASE_URL or PG*, else the embedded demo desk.

    Raises MqkError when the embedded server cannot be started.
    """
    return database_url() or Cluster().start().url(DATABASE)


def login_url(role: str) -> str:
    """Connection string for one role (operator, dispatch, ...): the user's own server as it was named,
    else the embedded desk under a login of that role alone. Raises MqkError as desk_url.
    """
    if url := database_url():
        return url
    cluster = Cluster().start()
    try:
        cluster.create_login(f"desk_{role}", f"mqk_{role}")
    except psycopg.errors.UndefinedObject:  # nothing is deployed yet: any call will say so
        return cluster.url(DATABASE)
    return cluster.url(DATABASE, f"desk_{role}")


def config_root() -> Path:
    """Folder of the shipped config files: inside the package, or in the checkout."""
    packaged = Path(__file__).resolve().parent / "_config"
    checkout = find_checkout()
    return checkout / "config" if checkout else packaged


def default_layers(environment: str | None = None) -> list[Path]:
    """The config files below the user's own: defaults, then an environment."""
    layers = [config_root() / "defaults" / "base.yaml"]
    if environment:
        layers.append(config_root() / "environments" / f"{environment}.yaml")
    return layers


def data_root() -> Path:
    """Folder of the bundled bars and instruments."""
    return Path(__file__).resolve().parent / "data"
