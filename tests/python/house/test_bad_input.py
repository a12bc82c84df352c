"""docs/bad-input.md is whole: every row, codes that exist, tests that exist, what is open."""

from __future__ import annotations

import re

from support import ROOT

PAGE = (ROOT / "docs" / "bad-input.md").read_text(encoding="utf-8")
ERRORS = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if re.match(r"\| [A-Z]\d+ ", line)
]
CATALOGUE = {
    *(f"Y{n}" for n in range(1, 13)), *(f"C{n}" for n in range(1, 7)), *(f"B{n}" for n in range(1, 10)),
    *(f"S{n}" for n in range(1, 4)), *(f"A{n}" for n in range(1, 6)), "D1",
}  # fmt: skip
OPEN = {"A1", "A3", "A4", "A5", "B7"}  # four of a console that does not exist, and one of ours


def test_every_row_of_the_catalogue_is_on_the_page() -> None:
    assert {row[0] for row in ROWS} == CATALOGUE
    assert [row for row in ROWS if len(row) != 4 or not all(row)] == []


def test_what_has_no_test_is_listed_as_open_and_no_more_than_is_known() -> None:
    assert {row[0] for row in ROWS if row[3] == "open"} == OPEN
    assert [r for r in ROWS if r[2].startswith("open:") != (r[3] == "open")] == []


def test_every_code_that_is_named_is_registered() -> None:
    named = {code for row in ROWS for code in re.findall(r"\bMQ[A-Z]\d\d\b", row[2])}
    assert len(named) > 10
    assert sorted(code for code in named if f"\n## {code}\n" not in ERRORS) == []


def test_every_test_that_is_named_exists() -> None:
    missing = []
    for name in (row[3] for row in ROWS if row[3] != "open"):
        file, law = name.split("::")
        found = [p for p in (ROOT / "tests").rglob(file) if f"def {law}(" in p.read_text("utf-8")]
        missing += [name] if len(found) != 1 else []
    assert missing == []
