"""Laws of the command line: a command is a door function, and what a hint names exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import click
import pytest
from click.shell_completion import get_completion_class
from click.testing import CliRunner

from mqk.cli.main import main
from support import ROOT

LOCAL = {
    "audit keygen",
    "config diff",
    "config hash",
    "config show",
    "db deploy",
    "db revert",
    "db start",
    "db status",
    "db stop",
    "db verify",
    "demo",
    "md feeds",
    "readiness",
    "simulate",
    "simulator",
    "worker",
}
HINT = re.compile(r"(?<![\w/])(?<!from )mqk ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?")
HINTED = [
    *sorted((ROOT / "sql").rglob("*.sql")),
    *sorted((ROOT / "python/mqk").rglob("*.py")),
    *sorted((ROOT / "config").rglob("*.yaml")),
    ROOT / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]


def leaves(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command that is no group, under its words."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        words = f"{path} {name}".strip()
        if isinstance(command, click.Group):
            yield from leaves(command, words)
        else:
            yield words, command


LEAVES = dict(leaves(main))


def door_of(command: click.Command) -> str | None:
    """The api function that a command's help names."""
    found = re.search(r"Calls (api\.\w+)\.", command.help or "")
    return found.group(1) if found else None


@pytest.mark.parametrize("words", sorted(set(LEAVES) - LOCAL))
def test_a_command_names_the_door_it_calls(words: str) -> None:
    group, _, name = words.partition(" ")
    wanted = f"api.{group}_{name}".replace("-", "_") if name else f"api.{group}_all"
    others = {
        "report export": "api.report_show",
        "audit export": "api.audit_chains",
        "token check": "api.as_token",
        "backtest report": "api.backtest_show",
        "backtest sweeper": "api.backtest_claim_job",
    }
    assert door_of(LEAVES[words]) == others.get(words, wanted)


def test_every_api_function_is_called_by_a_command(conn: Any) -> None:
    rows = conn.execute("select proname from pg_proc where pronamespace = 'api'::regnamespace")
    text = "".join(path.read_text() for path in (ROOT / "python/mqk").rglob("*.py"))
    unused = {row["proname"] for row in rows if f'"api.{row["proname"]}"' not in text}
    assert unused == set()


def test_every_io_function_is_called_by_a_worker(conn: Any) -> None:
    rows = conn.execute("select proname from pg_proc where pronamespace = 'io'::regnamespace")
    text = "".join(path.read_text() for path in (ROOT / "python/mqk").rglob("*.py"))
    unused = {row["proname"] for row in rows if f'"io.{row["proname"]}"' not in text}
    assert unused == set()


@pytest.mark.parametrize("words", sorted(LEAVES))
def test_a_command_has_help_and_json(words: str) -> None:
    done = CliRunner().invoke(main, [*words.split(), "--help"])
    assert done.exit_code == 0
    assert "--json" in done.output
    assert (LEAVES[words].help or "").strip()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_completes_commands(shell: str) -> None:
    complete = get_completion_class(shell)
    assert complete is not None
    words = complete(main, {}, "mqk", "_MQK_COMPLETE").get_completions(["run"], "cl")
    assert [word.value for word in words] == ["clear-halted"]


@pytest.mark.parametrize("path", [p for p in HINTED if p.is_file()], ids=lambda p: p.name)
def test_a_command_that_a_hint_names_exists(path: Any) -> None:
    groups = {words.split()[0] for words in LEAVES}
    wrong = []
    for group, name in HINT.findall(path.read_text(encoding="utf-8")):
        if group in groups and group not in LEAVES and name and f"{group} {name}" not in LEAVES:
            wrong.append(f"mqk {group} {name}")
        elif group not in groups and group not in WORDS_AFTER_MQK:
            wrong.append(f"mqk {group}")
    assert wrong == []


WORDS_AFTER_MQK = frozenset({"has", "is", "to", "for", "and", "in", "does", "knows", "needs"})
