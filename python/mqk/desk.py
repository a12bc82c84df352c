"""Where the desk is: the user's own server, or the embedded one with the demo's databases."""

from __future__ import annotations

from collections.abc import Sequence
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


def default_layers(
    environment: str | None = None,
    engine: str | None = None,
    risk_profile: str | None = None,
    stress_profiles: Sequence[str] = (),
) -> list[Path]:
    """The config files below the user's own, in the order in which they are laid.

    Raises MqkError MQA31 for a name that is no file of its folder.
    """
    from mqk.config.load import find_layer

    named = [("defaults", "base"), ("environments", environment), ("engines", engine)]
    named += [("risk_profiles", risk_profile), *(("stress_profiles", p) for p in stress_profiles)]
    return [find_layer(config_root(), kind, name) for kind, name in named if name is not None]


def data_root() -> Path:
    """Folder of the bundled bars and instruments."""
    return Path(__file__).resolve().parent / "data"
