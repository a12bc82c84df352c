"""The list of mutants fits the tree, its page says what it says, and the runner can tell red from green."""

from __future__ import annotations

from pathlib import Path

import pytest

from house.guards import Change, Mutant, find_faults, read_mutants
from house.mutants import try_mutant, write_page
from support import ROOT, SERVER

MUTANTS = read_mutants()
CANARIES = [mutant for mutant in MUTANTS if mutant.is_canary]
CLOCK = "tests/python/test_clock.py::test_a_virtual_clock_stands_where_it_was_put"


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.guard)
def test_every_mutant_changes_a_text_that_is_there_once_and_names_a_test(mutant: Mutant) -> None:
    assert find_faults(mutant) == []
    assert [change for change in mutant.changes if change.find == change.put] == []


def test_every_guard_is_named_once() -> None:
    guards = [mutant.guard for mutant in MUTANTS]
    assert len(guards) >= 60
    assert sorted(set(guards)) == sorted(guards)


def test_the_page_names_every_mutant() -> None:
    page = (ROOT / "docs" / "mutants.md").read_text(encoding="utf-8")
    assert page == write_page(MUTANTS), "run `make mutants`"


@pytest.mark.slow
@pytest.mark.parametrize("mutant", CANARIES, ids=lambda mutant: mutant.guard)
def test_a_canary_is_killed(mutant: Mutant) -> None:
    result = try_mutant(mutant, SERVER.url)
    assert result.verdict == "KILLED", result.said


@pytest.mark.parametrize(
    ("put", "verdict"),
    [("Clock  = Callable", "SURVIVED"), ("Clock = oops(", "BROKEN")],
)
def test_what_is_not_killed_is_not_called_killed(put: str, verdict: str) -> None:
    change = Change("python/mqk/clock.py", "Clock = Callable", put)
    result = try_mutant(Mutant("nothing of worth", (change,), CLOCK), "postgresql:///nowhere")
    assert result.verdict == verdict, result.said


def test_a_mutant_that_does_not_fit_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("one two two", encoding="utf-8")
    twice = Mutant("x", (Change("a.sql", "two", ""), Change("b.sql", "x", "")), "tests/none.py::no")
    assert find_faults(twice, tmp_path) == [
        "a.sql holds 'two' 2 times, not once",
        "b.sql holds 'x' 0 times, not once",
        "there is no test tests/none.py::no",
    ]
