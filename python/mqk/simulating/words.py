"""The alphabet of a simulation. A step is a word and a number; what the word leaves open is drawn from the
number, so that a step means the same wherever it stands.

FAULTS are what a seed switches on or off as a whole; the rest happens in every life.
"""

from __future__ import annotations

from collections.abc import Callable

from mqk.simulating.chance import Chance
from mqk.simulating.desk import Desk

Action = Callable[[Desk, Chance], object]
WEIGHTS: dict[str, int] = {}
ACTIONS: dict[str, Action] = {}
FAULTS: list[str] = []


def word(weight: int, *, is_fault: bool = False) -> Callable[[Action], Action]:
    """Take an action into the alphabet, under its function's name."""

    def take(action: Action) -> Action:
        name = action.__name__
        ACTIONS[name], WEIGHTS[name] = action, weight
        FAULTS.extend([name] * is_fault)
        return action

    return take
