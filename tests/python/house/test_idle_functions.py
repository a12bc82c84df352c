"""Nothing is built that nothing calls: a function that only its test knows protects nobody."""

from __future__ import annotations

import re
from pathlib import Path

from support import ROOT

COMMENT = re.compile(r"comment on function.*?\$\$;", re.DOTALL)
DOORS = ("api", "io")  # test_commands.py looks whether a command or a worker calls them
BY_NAME = ("lab.signal_", "strat.decide_")  # of strategies: found by the id in the config


def find_idle(sql: dict[str, str], others: str) -> list[str]:
    """Functions, by room.name, that no other function, view, table, worker or command names."""
    bodies = {name: COMMENT.sub("", text) for name, text in sql.items()}
    named = {
        name: set(re.findall(r"\b[a-z]+\.[a-z_0-9]+", text))
        for name, text in {**bodies, "": others}.items()
    }
    return [
        name
        for name, text in bodies.items()
        if "create or replace function" in text
        and not name.startswith((*BY_NAME, *(f"{door}." for door in DOORS)))
        and not any(name in words for other, words in named.items() if other != name)
    ]


def read_sql() -> dict[str, str]:
    """Every object of the rooms; triggers and grants count for the room's own file."""
    files = [path for path in (ROOT / "sql").rglob("*.sql") if path.name != "_room.sql"]
    return {f"{path.parent.name}.{path.stem}": path.read_text() for path in files}


def test_every_function_is_called_by_something_that_is_shipped() -> None:
    paths: list[Path] = [*(ROOT / "python/mqk").rglob("*.py"), *(ROOT / "deploy").rglob("*.sql")]
    others = "".join(path.read_text() for path in paths if path.name != "code.sql")
    assert find_idle(read_sql(), others) == []


def test_a_function_that_only_its_comment_and_its_test_know_is_found() -> None:
    idle = (
        "create or replace function oms.idle() ...; comment on function oms.idle() is $$oms.idle$$;"
    )
    used = {"oms.idle": idle, "oms.other": "create or replace function oms.other() ... risk.it()"}
    assert find_idle(used, "oms.other") == ["oms.idle"]
    assert find_idle(used, "oms.other oms.idle") == []
