"""What tests/mutants/*.toml says: guards, how each is taken away, and the test that must turn red."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from house.tree import ROOT


@dataclass(frozen=True)
class Change:
    """One text of one file, by its path below the root, and what stands there instead."""

    file: str
    find: str
    put: str

    @property
    def is_built(self) -> bool:
        """Whether the file is written anew whenever the rooms are built."""
        return Path(self.file).name == "code.sql"


@dataclass(frozen=True)
class Mutant:
    """The guard in words, the changes that remove it, the pytest id of the test that must fail."""

    guard: str
    changes: tuple[Change, ...]
    test: str
    is_canary: bool = False


def read_mutants(root: Path = ROOT) -> list[Mutant]:
    """Every entry of tests/mutants/*.toml, in the order of files and entries."""
    found = []
    for path in sorted((root / "tests" / "mutants").glob("*.toml")):
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["mutant"]:
            changes = tuple(Change(**change) for change in entry.get("changes", [])) or (
                Change(entry["file"], entry["find"], entry["put"]),
            )
            test = f"tests/{entry['test']}"
            found.append(Mutant(entry["guard"], changes, test, entry.get("canary", False)))
    return found


def find_faults(mutant: Mutant, root: Path = ROOT) -> list[str]:
    """What is wrong with an entry: a text that does not occur exactly once, a test that is not."""
    faults = []
    for change in mutant.changes:
        path = root / change.file
        times = path.read_text(encoding="utf-8").count(change.find) if path.is_file() else 0
        if times != 1:
            faults.append(f"{change.file} holds {change.find!r} {times} times, not once")
    return faults if has_test(mutant.test, root) else [*faults, f"there is no test {mutant.test}"]


def has_test(test: str, root: Path) -> bool:
    """Whether the file has a function of that name, or is the pgTAP script of that name."""
    file, _, law = test.partition("::")
    path = root / file
    if not path.is_file() or path.suffix == ".sql":
        return path.is_file() and path.stem == law
    return f"def {law.partition('[')[0]}(" in path.read_text(encoding="utf-8")
