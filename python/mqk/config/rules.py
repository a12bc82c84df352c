"""The database's rules of a config, as Python sees them: rules.json, which `make docs` writes from sql/."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

ENV_NAME = r"^(MQK_|ALPACA_|TWELVEDATA_|DISCORD_)[A-Z0-9_]+$"
PAGE = Path(__file__).with_name("rules.json")


@dataclass(frozen=True)
class Rule:
    """One key: its dotted path, its kind, its bounds (lengths for text and arrays), its choices."""

    path: str
    kind: str
    low: Decimal | None
    high: Decimal | None
    choices: tuple[str, ...]


@cache
def read_page() -> dict[str, Any]:
    """The whole page: "keys" as ops.list_config_rules gives them, "secrets" as core.list_secret_rules."""
    page: dict[str, Any] = json.loads(PAGE.read_text(encoding="utf-8"), parse_float=Decimal)
    return page


@cache
def list_rules() -> tuple[Rule, ...]:
    """Every key, in the order of the database's table."""
    return tuple(
        Rule(path, kind, _number(low), _number(high), tuple(choices or ()))
        for path, kind, low, high, choices in read_page()["keys"]
    )


def _number(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)
