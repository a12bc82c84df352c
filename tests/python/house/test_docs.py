"""The generated pages say what the tree says, and all of it."""

from __future__ import annotations

import re

from house.docs import pages
from house.tree import ROOT, read_rooms


def test_the_generated_pages_are_up_to_date() -> None:
    assert [str(p) for p, text in pages().items() if p.read_text(encoding="utf-8") != text] == []


def test_a_room_page_has_every_object_of_the_room() -> None:
    missing = []
    for room in read_rooms():
        page = (ROOT / "docs" / "rooms" / f"{room.name}.md").read_text(encoding="utf-8")
        plain = page.replace("\\", "")
        missing += [
            f"{room.name}.{o}" for o in room.objects if f"\n## {room.name}.{o}" not in plain
        ]
    assert missing == []


def test_the_config_page_has_every_key() -> None:
    rules = (ROOT / "sql/ops/list_config_rules.sql").read_text(encoding="utf-8")
    keys = re.findall(r"^ +\('([\w.]+)'", rules, re.M)
    page = (ROOT / "docs" / "config-keys.md").read_text(encoding="utf-8")
    assert len(keys) > 30
    assert [key for key in keys if f"| {key} |" not in page] == []


def test_no_page_of_a_room_that_is_gone_stays() -> None:
    there = {path.stem for path in (ROOT / "docs" / "rooms").glob("*.md")}
    assert there == {room.name for room in read_rooms()}
