"""Numbers out of a seed: the hash of a key and a counter. The same key counts the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """Draws from one key. No state but how often was drawn."""

    def __init__(self, *key: object) -> None:
        self.key = "/".join(str(part) for part in key)
        self.drawn = 0

    def draw(self) -> int:
        """The next number of 63 bits."""
        self.drawn += 1
        said = f"{self.key}#{self.drawn}".encode()
        return int.from_bytes(blake2b(said, digest_size=8).digest()) >> 1

    def below(self, bound: int) -> int:
        """A number in 0..bound-1."""
        return self.draw() % bound

    def between(self, low: int, high: int) -> int:
        """A number in low..high."""
        return low + self.below(high - low + 1)

    def pick(self, among: Sequence[T]) -> T:
        """One of them."""
        return among[self.below(len(among))]

    def happens(self, percent: int) -> bool:
        """True so often in a hundred."""
        return self.below(100) < percent
