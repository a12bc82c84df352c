"""A hint that names a command names one that exists."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from mqk.cli.main import main

ROOT = Path(__file__).resolve().parents[3]
SOURCES = sorted(
    path
    for folder, ends in (("sql", "*.sql"), ("python/mqk", "*.py"), ("docs", "*.md"))
    for path in (ROOT / folder).rglob(ends)
)
HINT = re.compile(r"(?<![\w/.-])(?<!from )mqk ([a-z][a-z-]+)(?: ([a-z][a-z-]+))?")
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)  # in a page only code names commands


def find_unknown(text: str) -> list[str]:
    """The commands that a text names and the command line does not have."""
    context = click.Context(main)
    unknown = []
    for group, command in HINT.findall(text):
        found = main.get_command(context, group)
        if found is None:
            unknown.append(f"mqk {group}")
        elif (
            isinstance(found, click.Group)
            and command
            and found.get_command(context, command) is None
        ):
            unknown.append(f"mqk {group} {command}")
    return unknown


def test_a_hint_that_names_no_command_is_found() -> None:
    assert find_unknown("ask: mqk nonsense") == ["mqk nonsense"]
    assert find_unknown("ask: mqk run nonsense; mqk run arm") == ["mqk run nonsense"]


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_command_that_is_named_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        text = "\n".join(CODE.findall(text))
    assert find_unknown(text) == []
