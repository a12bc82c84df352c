"""Build deploy, revert and verify of <room>/code from sql/<room>/.

    python -m house.code            build every room
    python -m house.code oms md     build these
    python -m house.code --check    build nothing; exit 1 if a built file is not up to date

deploy holds every file of the room in the order of its _room.sql. What it creates is read from
`comment on function f(types)`, `comment on view v` and `create trigger t … on table`: revert drops
these in reverse, verify fails if one is missing. deploy and revert refuse while a run is armed.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from house.tree import ROOT, Room, Untidy, read_rooms

OBJECT = re.compile(r"^comment on (function|view) (\w+\.\w+)\s*(?:\(([^;$]*?)\))?\s+is\b", re.M)
TRIGGER = re.compile(
    r"^create (?:or replace |constraint )?trigger (\w+)\s[^;]*?\son (\w+\.\w+)", re.M
)
GUARD = """do $guard$
begin
    if to_regclass('run.runs') is not null then
        lock table run.runs in share mode;  -- nobody arms meanwhile
        if exists (select from run.runs as r where r.run_status in ('ARMED', 'RUNNING')) then
            raise sqlstate 'MQS19' using
                message = 'code is not changed under a run that is armed or running',
                hint = 'Stop the runs first: mqk run stop. Then deploy, and arm anew.';
        end if;
    end if;
end;
$guard$;

"""
USAGE = re.compile(r"^grant usage on schema (\w+)\s+to ([^;]+);", re.M)


@dataclass(frozen=True)
class Made:
    """One thing that a room's code creates: kind, name as SQL, and what undoes and proves it."""

    kind: str
    name: str
    undo: str
    proof: str


def list_made(text: str) -> list[Made]:
    """What one file creates, in its order."""
    made = []
    for kind, name, raw in OBJECT.findall(text):
        if kind == "function":
            name = f"{name}({' '.join(raw.split())})"
            made.append(
                Made(kind, name, f"drop function {name};", f"select '{name}'::regprocedure;")
            )
        else:
            made.append(Made(kind, name, f"drop view {name};", f"select from {name} where false;"))
    for name, table in TRIGGER.findall(text):
        proof = (
            f"select 1 / count(*) from pg_catalog.pg_trigger\n"
            f" where tgrelid = '{table}'::regclass and tgname = '{name}';"
        )
        made.append(Made("trigger", name, f"drop trigger {name} on {table};", proof))
    for schema, roles in USAGE.findall(text):
        who = " ".join(roles.split())
        undo = f"revoke usage on schema {schema}\n  from {who.replace(', ', f',{chr(10)}       ')};"
        made.append(Made("usage", schema, undo, ""))
    return made


def build_room(room: Room) -> dict[str, str]:
    """Text of the three scripts of the room's code, keyed by deploy, revert and verify."""
    texts = [path.read_text(encoding="utf-8") for path in room.files()]
    made = [one for text in texts for one in list_made(text)]
    source = f"-- built from sql/{room.name} by `make code`: edit there\n\nbegin;\n\n"
    as_owner = "set local role mqk_owner;\n\n"
    change, end = f"mqk:{room.name}/code", "\ncommit;\n"
    undone = "".join(f"{one.undo}\n" for one in reversed(made))
    proved = "".join(f"{one.proof}\n" for one in made if one.proof)
    return {
        "deploy": f"-- Deploy {change} to pg\n{source}{as_owner}{GUARD}"
        + "\n".join(text.rstrip() + "\n" for text in texts) + end,
        "revert": f"-- Revert {change} from pg\n{source}{as_owner}{GUARD}{undone}{end}",
        "verify": f"-- Verify {change} on pg\n{source}{as_owner}{proved}\nrollback;\n",
    }  # fmt: skip


def build(rooms: list[Room], *, check: bool, root: Path = ROOT) -> list[str]:
    """Write the scripts, or with check only compare; gives the paths that were not up to date."""
    stale = []
    for room in rooms:
        for kind, text in build_room(room).items():
            path = root / kind / room.name / "code.sql"
            if path.is_file() and path.read_text(encoding="utf-8") == text:
                continue
            stale.append(str(path.relative_to(root)))
            if not check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    return stale


def main(args: list[str]) -> int:
    check, names = "--check" in args, [word for word in args if not word.startswith("-")]
    try:
        rooms = [room for room in read_rooms() if not names or room.name in names]
        stale = build(rooms, check=check)
    except Untidy as fault:
        print(fault, file=sys.stderr)
        return 1
    for path in stale:
        print(f"{'not up to date, run `make code`:' if check else 'built'} {path}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
