"""The rooms as they stand in sql/<room>/_room.sql, and the files that belong to each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXTRAS = ("_seed", "_triggers", "_grants")  # built after the objects, in this order
FLOORS = {
    "core": 0, "audit": 1, "ref": 1, "run": 2, "md": 3, "ledger": 3, "pager": 3, "strat": 4, "risk": 4,
    "sim": 4, "oms": 5, "recon": 6, "lab": 7, "ops": 8, "inv": 8, "replay": 8,
    "io": 9, "api": 9,
}  # fmt: skip


class Untidy(Exception):
    """The tree breaks a rule of the house; the text says which and where."""


@dataclass(frozen=True)
class Room:
    """One schema: its sentence, the rooms it uses and its objects in the order they are built."""

    name: str
    sentence: str
    uses: tuple[str, ...]
    objects: tuple[str, ...]
    folder: Path

    def files(self) -> list[Path]:
        """Every file of the room in building order; raises Untidy if list and folder differ."""
        extras = [name for name in EXTRAS if (self.folder / f"{name}.sql").is_file()]
        wanted = [*self.objects, *extras]
        there = {path.stem for path in self.folder.glob("*.sql")} - {"_room"}
        faults = [f"listed twice: {name}" for name in wanted if wanted.count(name) > 1]
        faults += [f"listed, but no file: {name}" for name in wanted if name not in there]
        faults += [f"file, but not listed: {name}" for name in sorted(there - set(wanted))]
        if faults:
            raise Untidy(f"sql/{self.name}/_room.sql: " + "; ".join(dict.fromkeys(faults)))
        return [self.folder / f"{name}.sql" for name in wanted]


def read_room(folder: Path) -> Room:
    """Read sql/<room>/_room.sql; raises Untidy if it has not the three parts."""
    lines = (folder / "_room.sql").read_text(encoding="utf-8").splitlines()
    where, name = f"sql/{folder.name}/_room.sql", folder.name
    if len(lines) < 3 or not lines[0].startswith(f"-- {name}: "):
        raise Untidy(f"{where}: line 1 must be '-- {name}: one sentence'")
    if not lines[1].startswith("-- uses:") or lines[2] != "-- objects:":
        raise Untidy(f"{where}: lines 2 and 3 must be '-- uses: …' and '-- objects:'")
    objects = [re.fullmatch(r"--   (\w+)", line) for line in lines[3:]]
    if not all(objects):
        bad = next(line for line, found in zip(lines[3:], objects, strict=True) if not found)
        raise Untidy(f"{where}: cannot read {bad!r}")
    uses = tuple(lines[1].removeprefix("-- uses:").split())
    sentence = lines[0].removeprefix(f"-- {name}: ")
    return Room(name, sentence, uses, tuple(found[1] for found in objects if found), folder)


def read_rooms(root: Path = ROOT) -> list[Room]:
    """Every room that has a _room.sql, lowest floor first."""
    found = [read_room(path.parent) for path in (root / "sql").glob("*/_room.sql")]
    return sorted(found, key=lambda room: (FLOORS.get(room.name, 99), room.name))


def strip_comments(text: str) -> str:
    """The SQL text without -- and /* */ comments; what stands in quotes is kept."""
    quoted = r"'(?:[^']|'')*'"
    parts = re.finditer(rf"({quoted})|--[^\n]*|/\*.*?\*/|.", text, re.S)
    return "".join(part[1] or ("" if part[0][:2] in ("--", "/*") else part[0]) for part in parts)
