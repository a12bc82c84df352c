"""What every feed must offer: rows of bars, values verbatim as text. The database judges them."""

from __future__ import annotations

from datetime import date
from typing import Any, Protocol

Row = dict[str, Any]


class Feed(Protocol):
    """A source of daily bars.

    A row has line_no, symbol, timeframe, session_on (ISO date), open, high, low, close and volume; all
    but line_no are text.
    """

    @property
    def name(self) -> str:
        """Under which name the rows are stored."""

    def fetch(self, after: date | None, until: date) -> list[Row]:
        """Rows of the sessions after `after` (None: from the beginning) up to `until`."""
