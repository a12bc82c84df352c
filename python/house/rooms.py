"""The stairs go down: a room uses the rooms it says, no more and no fewer, and only lower ones.

    python -m house.rooms           exit 1 and one line a fault

A use is `room.name` in sql/<room>/ or in the room's tables (deploy/<room>/, without code.sql).
Since every use goes to a lower floor there can be no circle; see BESIDE too.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from house.tree import FLOORS, ROOT, Room, Untidy, read_rooms, strip_comments

BESIDE = {("ref", "audit"), ("ledger", "md"), ("ops", "inv")}
COMMENT_ON = re.compile(r"^comment on .*?(\$\$|').*?\1;", re.M | re.S)
LITERAL = re.compile(r"'(?:[^']|'')*'")
USE = re.compile(r"(?<![\w.\"$])(" + "|".join(FLOORS) + r")\.(?=[a-z_%\"])")


def find_uses(text: str) -> set[str]:
    """The rooms that some SQL names, not counting comments and what stands in quotes."""
    bare = LITERAL.sub("''", strip_comments(COMMENT_ON.sub("", text)))
    return set(USE.findall(bare))


def read_texts(room: Room, root: Path) -> str:
    """All SQL of the room: its objects and its tables."""
    tables = [p for p in (root / "deploy" / room.name).glob("*.sql") if p.name != "code.sql"]
    return "\n".join(path.read_text(encoding="utf-8") for path in [*room.files(), *sorted(tables)])


def check_room(room: Room, root: Path = ROOT) -> list[str]:
    """The faults of one room, as sentences."""
    if room.name not in FLOORS:
        return [f"{room.name}: has no floor in house/tree.py"]
    said, used = set(room.uses), find_uses(read_texts(room, root)) - {room.name}
    faults = [f"{room.name}: uses {name}, but does not say so" for name in sorted(used - said)]
    faults += [f"{room.name}: says it uses {name}, but does not" for name in sorted(said - used)]
    for name in sorted(used):
        if FLOORS[name] >= FLOORS[room.name] and (room.name, name) not in BESIDE:
            faults.append(f"{room.name}: uses {name}, which is not on a lower floor")
    return faults


def main() -> int:
    try:
        faults = [fault for room in read_rooms() for fault in check_room(room)]
    except Untidy as fault:
        faults = [str(fault)]
    for line in faults:
        print(line)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
