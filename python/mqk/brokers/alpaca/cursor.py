"""How far an account's events were read, as text that only this package reads."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from mqk.brokers.alpaca.listing import format_instant, read_instant
from mqk.brokers.alpaca.models import Unreadable
from mqk.errors import MqkError

ULID_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
REWIND = timedelta(minutes=2)  # events of one millisecond have no order


@dataclass(frozen=True)
class Cursor:
    """`batch` grows with each batch; `event_id` is where the event stream goes on; `swept_at` is the
    instant up to which sweeps are complete. None where there was nothing yet.
    """

    batch: int = 0
    event_id: str | None = None
    swept_at: str | None = None

    def text(self) -> str:
        """The cursor as text."""
        return json.dumps(asdict(self), sort_keys=True)

    @property
    def swept(self) -> datetime | None:
        """swept_at as an instant."""
        return read_instant(self.swept_at) if self.swept_at else None


def read_cursor(text: str | None) -> Cursor:
    """A cursor out of its text; None begins. Raises MqkError MQA02 for a text of somebody else."""
    if text is None:
        return Cursor()
    try:
        given = json.loads(text)
        cursor = Cursor(int(given["batch"]), given["event_id"], given["swept_at"])
        if cursor.swept is None and cursor.swept_at is not None:
            raise ValueError
    except (ValueError, TypeError, KeyError, Unreadable):
        raise MqkError(
            "MQA02",
            "a value is out of its range",
            f"cursor {text[:60]}",
            "The account's events were read by another broker adapter: use another account.",
        ) from None
    return cursor


def format_swept(instant: datetime) -> str:
    """An instant as swept_at."""
    return format_instant(instant)


class Trail:
    """The ids of the last events: the oldest one of the last two minutes is where to go on from.

    An id is a ULID: ten digits of milliseconds, then chance, so that events of one millisecond are in
    no order, and one that comes late may be smaller than one that was read. Reading again is safe.
    """

    def __init__(self, event_id: str | None) -> None:
        self.ids = [event_id] if event_id else []

    def add(self, event_id: str) -> None:
        """Remember an event; forget those that are too old."""
        if is_ulid(event_id):
            self.ids = sorted({*self.ids, event_id})
            newest = read_millis(self.ids[-1])
            recent = [
                i
                for i in self.ids
                if newest - read_millis(i) <= REWIND // timedelta(milliseconds=1)
            ]
            self.ids = [*self.ids[: -len(recent)][-1:], *recent][-1000:]

    @property
    def start(self) -> str | None:
        """The id to go on from."""
        return self.ids[0] if self.ids else None


def is_ulid(text: str) -> bool:
    """Whether text is a ULID."""
    return len(text) == 26 and all(c in ULID_DIGITS for c in text)


def read_millis(ulid: str) -> int:
    """The milliseconds in a ULID."""
    value = 0
    for digit in ulid[:10]:
        value = value * 32 + ULID_DIGITS.index(digit)
    return value
