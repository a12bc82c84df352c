"""The only reader of the clock. Everything else is told what time it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Now, in UTC, by this machine's clock."""
    return datetime.now(UTC)


class VirtualClock:
    """A clock that stands where it was put: for replaying a market."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def move_to(self, at: datetime) -> None:
        """Go forward to `at`; never back."""
        self.at = max(self.at, at)
