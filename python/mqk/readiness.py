"""What was proven of the names that were asked for: readiness.json, written by `make docs`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PAGE = Path(__file__).with_suffix(".json")


def read() -> dict[str, Any]:
    """Groups of names with verdict, views, note and tests, each test with how it ended last."""
    told: dict[str, Any] = json.loads(PAGE.read_text(encoding="utf-8"))
    return told


def rows(names: list[dict[str, Any]]) -> Iterator[dict[str, str]]:
    """A row for each name with its verdict, its note, and a row for each test of it."""
    blank = dict.fromkeys(("name", "verdict", "what", "outcome", "proven_on", "commit"), "")
    for name in names:
        yield {**blank, "name": name["name"], "verdict": name["verdict"], "what": name["law"]}
        if name["note"]:
            yield {**blank, "what": f"  {name['note']}"}
        for test in name["tests"]:
            told = {key: test[key] for key in ("outcome", "proven_on", "commit")}
            yield {**blank, "what": f"  {test['test'].removeprefix('tests/')}", **told}
