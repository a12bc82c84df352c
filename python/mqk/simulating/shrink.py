"""A failing life made short: steps are left out as long as what is wrong stays wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def shrink(steps: Sequence[T], fails: Callable[[Sequence[T]], bool], tries: int = 200) -> list[T]:
    """Fewest steps that still fail, as far as so many tries find them: halves first, then single ones.

    A step means the same wherever it stands, so what is left is a life of its own.
    """
    left, size = list(steps), max(len(steps) // 2, 1)
    while tries > 0:
        shorter = False
        start = 0
        while start < len(left) and tries > 0:
            without = left[:start] + left[start + size :]
            tries -= 1
            if fails(without):
                left, shorter = without, True
            else:
                start += size
        if size == 1 and not shorter:
            break
        size = max(size // 2, 1)
    return left
