"""sqitch.plan, read as sqitch reads it: the same order, the same ids, the same script hashes.

The id of a change is the SHA-1 of a text that names its project, its parent, who planned it and
when, what it requires and its note; so nothing of a deployed line may ever be edited.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

from mqk.errors import MqkError

WHEN = r"(?P<at>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)\s+(?P<who>.*?)\s+<(?P<mail>[^>]*)>"
NOTE = r"\s*(?:#\s*(?P<note>.*))?$"
CHANGE = re.compile(rf"(?P<name>[^\s@%#\[][^\s\[]*)\s*(?:\[(?P<needs>[^\]]*)\])?\s*{WHEN}{NOTE}")
TAG = re.compile(rf"@(?P<name>\S+)\s+{WHEN}{NOTE}")


@dataclass
class Planned:
    """A line of the plan: a name, who planned it at what UTC time, and why."""

    name: str
    planned_at: str
    planner: str
    email: str
    note: str
    id: str = ""


@dataclass
class Change(Planned):
    """One change, the names it requires or conflicts with, its tags, and its scripts' name."""

    requires: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    tags: list[Planned] = field(default_factory=list)
    script: str = ""


def _hash(kind: str, text: str) -> str:
    raw = text.encode()
    return hashlib.sha1(b"%s %d\0%s" % (kind.encode(), len(raw), raw)).hexdigest()


def _bad(detail: str) -> MqkError:
    return MqkError("MQS91", "the plan can be read and followed", detail, "correct sqitch.plan")


class Plan:
    """The plan under a folder that holds sqitch.plan, deploy, revert and verify (MQS91)."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.project = ""
        self.uri: str | None = None
        self.changes: list[Change] = []
        if not (root / "sqitch.plan").is_file():
            raise _bad(f"there is no sqitch.plan in {root}")
        for number, raw in enumerate((root / "sqitch.plan").read_text("utf-8").splitlines(), 1):
            line = raw.strip()
            if line.startswith("%"):
                self._read_pragma(line)
            elif line and not line.startswith("#") and not self._read_line(line):
                raise _bad(f"line {number}: {raw!r}")
        self._name_scripts()

    def text(self, kind: str, change: Change) -> bytes:
        """The deploy, revert or verify script of the change."""
        try:
            return (self.root / kind / f"{change.script}.sql").read_bytes()
        except OSError as no:
            raise _bad(f"{kind}/{change.script}.sql: {no.strerror}") from no

    def hash(self, change: Change) -> str:
        """SHA-1 of the deploy script, as the registry keeps it."""
        return hashlib.sha1(self.text("deploy", change)).hexdigest()

    def find(self, name: str, before: int) -> Change:
        """The change that a dependency of change number `before` means: name or name@tag.

        Without a tag it is the first of that name, as sqitch has it.
        """
        bare, _, tag = name.partition("@")
        earlier = self.changes[:before]
        if tag:
            tagged = [i for i, c in enumerate(earlier) if f"@{tag}" in (t.name for t in c.tags)]
            earlier = earlier[tagged[0] :: -1] if tagged else []
        for change in earlier:
            if change.name == bare:
                return change
        raise _bad(f"{self.changes[before].name} requires {name}, which is not planned before it")

    def _read_pragma(self, line: str) -> None:
        name, _, value = line[1:].partition("=")
        if name.strip() == "project":
            self.project = value.strip()
        elif name.strip() == "uri":
            self.uri = value.strip()

    def _read_line(self, line: str) -> bool:
        tag, change = TAG.match(line), CHANGE.match(line)
        found = tag or change
        if not found or (tag and not self.changes):
            return False
        note = (found["note"] or "").strip().replace("\\n", "\n")
        common = (found["at"], found["who"], found["mail"], note)
        if tag:
            last = self.changes[-1]
            made = Planned(f"@{found['name']}", *common)
            made.id = _hash("tag", self._info("tag", made, f"change {last.id}"))
            last.tags.append(made)
            return True
        new = Change(found["name"], *common)
        for need in (found["needs"] or "").split():
            (new.conflicts if need.startswith("!") else new.requires).append(need.lstrip("!"))
        parent = f"parent {self.changes[-1].id}" if self.changes else ""
        new.id = _hash("change", self._info("change", new, parent))
        self.changes.append(new)
        return True

    def _info(self, kind: str, line: Planned, link: str) -> str:
        info = [f"project {self.project}"]
        info += [f"uri {self.uri}"] if self.uri else []
        info += [f"{kind} {line.name}", *([link] if link else [])]
        info += [f"planner {line.planner} <{line.email}>", f"date {line.planned_at}"]
        if isinstance(line, Change):
            for word, sign in (("requires", "+"), ("conflicts", "-")):
                if names := getattr(line, word):
                    info.append("\n".join([word, *(f"  {sign} {name}" for name in names)]))
        return "\n".join([*info, *(["", line.note] if line.note else [])])

    def _name_scripts(self) -> None:
        """A change that was reworked later keeps its old scripts as name@tag.sql."""
        for i, change in enumerate(self.changes):
            change.script = change.name
            later = [j for j, c in enumerate(self.changes) if j > i and c.name == change.name]
            if later:
                tags = [tag.name for c in self.changes[i : later[0]] for tag in c.tags]
                if not tags:
                    raise _bad(f"{change.name} is planned twice without a tag between")
                names = [change.name + tag for tag in tags]
                kept = [n for n in names if (self.root / "deploy" / f"{n}.sql").is_file()]
                change.script = (kept or names)[0]
