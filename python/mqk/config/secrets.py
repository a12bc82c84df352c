"""What a process may know and nobody may see: variables of the environment, read once, shown never.

Config and database hold names of variables; only a worker that needs a value takes it from here, and only
into the request that carries it. `.env.local` (a developer's machine) counts where the environment says
nothing, and is never read for a LIVE run.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from mqk.config.rules import ENV_NAME, list_rules
from mqk.embedded import find_checkout
from mqk.errors import MqkError

if TYPE_CHECKING:
    from pydantic import SecretStr

FEED_FILES, PAPER_URL, BROKER_URL = "MQK_FEED_FILES", "MQK_PAPER_URL", "APCA_API_BASE_URL"
ANCHOR_KEY = "MQK_ANCHOR_KEY"
OURS = (
    FEED_FILES,
    PAPER_URL,
    BROKER_URL,
    ANCHOR_KEY,
)  # what the code names itself; the config names the rest
SHORTEST = 4  # characters; what is shorter is not looked for in texts


class Secrets:
    """Values by name. Neither repr, str, pickle nor an error shows one."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        given = {name: value.strip() for name, value in (values or {}).items()}
        self._values = {name: hide(value) for name, value in given.items() if value}

    def __repr__(self) -> str:
        return f"Secrets({', '.join(self.names)})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("secrets do not leave their process")

    @property
    def names(self) -> list[str]:
        """The names of what is held."""
        return sorted(self._values)

    def find(self, name: str) -> str:
        """The value of a name, or an empty text."""
        value = self._values.get(name)
        return value.get_secret_value() if value else ""

    def take(self, *names: str) -> tuple[SecretStr, ...]:
        """The values of all these names. Raises MqkError MQG30 naming all that are missing or blank."""
        bad = [name for name in names if not is_one_word(self.find(name))]
        if bad:
            raise MqkError(
                "MQG30",
                "every secret that the run names is set",
                f"SECRETS_MISSING {', '.join(bad)}",
                "Set the variables that the detail names, for this worker only.",
            )
        return tuple(self._values[name] for name in names)

    def redact(self, text: str) -> str:
        """The text without any of the values."""
        for value in self._values.values():
            if len(value) >= SHORTEST:
                text = text.replace(value.get_secret_value(), "[redacted]")
        return text


def hide(value: str) -> SecretStr:
    """A value that does not show itself. pydantic is loaded by who has something to hide."""
    from pydantic import SecretStr

    return SecretStr(value)


def is_one_word(value: str) -> bool:
    """Whether a value can stand in a header: printable, no blanks, not empty."""
    return value.isascii() and value.isprintable() and " " not in value and value != ""


def is_env_name(value: Any) -> bool:
    """Whether a value is the name of a variable that may hold a secret of ours."""
    return isinstance(value, str) and re.match(ENV_NAME, value) is not None


def list_feed_names(config: Mapping[str, Any]) -> list[str]:
    """The variables that the options of feeds name: data.feeds.<feed>.<what>_env."""
    feeds = (config.get("data") or {}).get("feeds") or {}
    options = [pair for given in feeds.values() for pair in (given or {}).items()]
    return [value for key, value in options if key.endswith("_env") and is_env_name(value)]


def list_names(config: Mapping[str, Any]) -> list[str]:
    """The variables that a config names: the values of its keys of kind env, the keys of its feeds."""
    names = []
    for rule in list_rules():
        value: Any = config
        for part in rule.path.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        if rule.kind == "env" and isinstance(value, str):
            names.append(value)
    return names + list_feed_names(config)


def read_secrets(
    run: Mapping[str, Any],
    environment: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> Secrets:
    """The variables that a run names, and the few that the code names; nothing else of the environment.

    `run` is a row of io.get_run; `file` stands for the checkout's .env.local.
    """
    wanted = (*OURS, *list_names(run["config"]))
    given = dict(os.environ if environment is None else environment)
    if run["mode"] != "LIVE":
        given = {**read_file(file or local_file()), **{k: v for k, v in given.items() if v.strip()}}
    return Secrets({name: given[name] for name in wanted if name in given})


def local_file() -> Path | None:
    """The checkout's .env.local; an installed package has none."""
    checkout = find_checkout()
    return checkout / ".env.local" if checkout else None


def read_file(path: Path | None) -> dict[str, str]:
    """The variables of a file, taken literally; none when there is no such file."""
    if path is None or not path.is_file():
        return {}
    from dotenv import dotenv_values

    return {k: v for k, v in dotenv_values(path, interpolate=False).items() if v is not None}
