"""What is promised and what was asked for, each with the tests that prove it: the two sources.

docs/guarantees.toml   law, what keeps it, test   -> docs/guarantees.md
docs/acceptance.toml   name, law, tests, note     -> house.readiness

python -m house.laws --take PAGE     put the rows of a page of guarantees that the source lacks into it
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from house.tree import ROOT

LAWS = ROOT / "docs" / "guarantees.toml"
NAMES = ROOT / "docs" / "acceptance.toml"
CAMPAIGN = "campaign:"
NOTES = ("open:", "n/a:")
LAWS_SAY = """\
Law · what keeps it (the function, and what catches a function that does not) · the test. Tests stand in
`tests/`; `inv.*` are views that must be empty: `mqk verify` runs them all, and
`test_invariants.py::test_a_broken_promise_is_seen` breaks each one and sees it turn red. The source is
`docs/guarantees.toml`; when each was last proven stands in [readiness](readiness.md)."""
VIEW = re.compile(r"comment on view inv\.(\w+) is\s+\$\$((?:I\d\d[a-z]? ?)+):")


@dataclass(frozen=True)
class Area:
    """A part of docs/guarantees.md: its laws as (law, what keeps it, test)."""

    title: str
    text: str
    laws: list[tuple[str, str, str]]


@dataclass(frozen=True)
class Name:
    """A name of the specification; the tests that prove it; why it is open or does not apply."""

    name: str
    law: str
    tests: list[str]
    note: str


@dataclass(frozen=True)
class Group:
    """The names of one list of the specification."""

    title: str
    names: list[Name]


@dataclass(frozen=True)
class Proof:
    """How a test, or a campaign, ended the last time: PASSED, FAILED or SKIPPED; counts; day; commit."""

    test: str
    outcome: str
    passed: int
    failed: int
    skipped: int
    proven_on: str
    commit: str


def read_areas() -> list[Area]:
    """docs/guarantees.toml."""
    found = tomllib.loads(LAWS.read_text(encoding="utf-8"))["area"]
    return [Area(a["title"], a.get("text", ""), [tuple(r) for r in a["laws"]]) for a in found]


def read_groups() -> list[Group]:
    """docs/acceptance.toml."""
    found = tomllib.loads(NAMES.read_text(encoding="utf-8"))["group"]
    return [Group(g["title"], [Name(*row) for row in g["names"]]) for g in found]


def write_areas(areas: list[Area]) -> None:
    """docs/guarantees.toml: one law a line, so that two who add one each merge."""
    out = [
        "# The laws of the house: [law, what keeps it, test]. `make docs` writes guarantees.md.\n"
    ]
    for area in areas:
        out.append(f"[[area]]\ntitle = {quote(area.title)}")
        out += [f"text = {quote(area.text)}"] if area.text else []
        out += ["laws = [", *(f"    [{', '.join(map(quote, row))}]," for row in area.laws), "]\n"]
    LAWS.write_text("\n".join(out), encoding="utf-8")


def quote(text: str) -> str:
    """A text as TOML takes it."""
    return json.dumps(text, ensure_ascii=False)


@cache
def list_tests() -> dict[str, str]:
    """Every test below tests/ -> its path and name; a pgTAP file is a test of its own."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "tests").rglob("*")):
        place = str(path.relative_to(ROOT))
        if path.match("test_*.py"):
            laws = re.findall(
                r"^(?:async )?def (test_\w+)\(", path.read_text(encoding="utf-8"), re.M
            )
            found |= {f"{place}::{law}": f"{place}::{law}" for law in laws}
        elif path.suffix == ".sql" and "pgtap" in path.parts:
            found[place] = place
    return found


def find_test(named: str) -> str | None:
    """The one test whose path and name end so; a campaign is its own name; else None."""
    if named.startswith(CAMPAIGN):
        return named
    found = [one for one in list_tests() if one == named or one.endswith("/" + named)]
    return found[0] if len(found) == 1 else None


def list_views() -> dict[str, list[str]]:
    """The id of a promise -> the views of inv that keep it, as their comments say."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "sql" / "inv").glob("*.sql")):
        for view, ids in VIEW.findall(path.read_text(encoding="utf-8")):
            for one in ids.split():
                found.setdefault(one, []).append(view)
    return found


def guarantees_page(made: str) -> str:
    """docs/guarantees.md."""
    out = [f"# Guarantees\n\n{made}\n", LAWS_SAY]
    for area in read_areas():
        out += ["", f"## {area.title}", "", *([area.text, ""] if area.text else [])]
        out += ["| law | mechanism | test |", "|---|---|---|"]
        out += [f"| {' | '.join(row)} |" for row in area.laws]
    return "\n".join(out) + "\n"


def read_page(text: str) -> Iterator[tuple[str, tuple[str, str, str]]]:
    """(area, row) of every row of a page of guarantees."""
    title = ""
    for line in text.splitlines():
        if line.startswith("## "):
            title = line[3:].strip()
        elif line.startswith("| ") and not line.startswith("| law"):
            law, kept, test = (cell.strip() for cell in line.strip().strip("|").split(" | "))
            yield title, (law, kept, test)


def take(page: Path) -> int:
    """Add the laws of a page that the source lacks, and change those that it tells otherwise; how many."""
    areas, changed = {area.title: area for area in read_areas()}, 0
    for title, row in read_page(page.read_text(encoding="utf-8")):
        laws = areas.setdefault(title, Area(title, "", [])).laws
        place = next((n for n, old in enumerate(laws) if old[0] == row[0]), len(laws))
        changed += laws[place : place + 1] != [row]
        laws[place : place + 1] = [row]
    write_areas(list(areas.values()))
    return changed


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] != "--take":
        sys.exit(__doc__)
    print(f"{take(Path(sys.argv[2]))} laws taken")
