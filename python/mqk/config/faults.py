"""What is wrong with a config, where, and how it is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mqk.errors import MqkError


@dataclass(frozen=True)
class Fault:
    """One fault: its rule, file and line (0: unknown), dotted path, and what to do."""

    rule: str
    file: str
    line: int
    path: str
    problem: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return " ".join(w for w in (f"CONFIG_{self.rule}", where, self.path, self.problem) if w)


def refuse(faults: Sequence[Fault]) -> MqkError:
    """The error for faults: MQA30 if one of them is a secret, else MQA07."""
    told = "; ".join(map(str, faults))
    if any(fault.rule == "SECRET_DETECTED" for fault in faults):
        fix = "Revoke what was written down, put it into the environment and write its variable's name."
        return MqkError("MQA30", "what is kept names secrets and holds none", told, fix)
    return MqkError(
        "MQA07", "a config obeys every rule", told, "Correct the keys that the detail names."
    )
