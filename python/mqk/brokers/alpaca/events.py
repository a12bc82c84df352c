"""Three channels as one: the websocket is fast, the event stream resumes, sweeps find what both lost.

The desk may be told the same thing by all three; it books it once. What a batch carried is given again
until the caller comes with the cursor that went with it: a batch that was not stored is not lost.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from mqk.brokers import Message, NotSent, Unauthorized, Unsure
from mqk.brokers.alpaca.channel import Channel, Item, Items
from mqk.brokers.alpaca.cursor import Cursor, Trail, format_swept, read_cursor
from mqk.brokers.alpaca.listing import format_instant
from mqk.brokers.alpaca.normalise import read_update
from mqk.clock import Clock
from mqk.log import log

PAGE = 200  # messages a batch; a sweep's page may be longer
SWEEP_EVERY = timedelta(seconds=60)
SWEEP_UNHEARD_EVERY = timedelta(seconds=15)  # while the websocket does not listen
TRY_AGAIN_AFTER = timedelta(seconds=5)
OVERLAP = timedelta(minutes=10)
GAP_OVERLAP = timedelta(days=1)  # some fills are booked late, with their own time

Continuity = tuple[Literal["COLD", "LIVE", "GAP"], str]
Sweep = Callable[[datetime, datetime], Iterator[list[Message]]]


class Events:
    """The events of one account since an instant. Not for several threads.

    `sweep(after, until)` gives messages in batches; `patience` is how long a read may wait, in seconds.
    """

    def __init__(self, sweep: Sweep, clock: Clock, since: datetime, patience: float = 0.2) -> None:
        self.sweep, self.clock, self.since, self.patience = sweep, clock, since, patience
        self.items: Items = queue.SimpleQueue()
        self.channels: list[Channel] = []
        self.mark, self.trail = Cursor(), Trail(None)
        self.refused = ""
        self._unstored: tuple[list[Message], str] | None = None
        self._began = False
        self._listening = self._owes_sweep = self._is_live = self._was_live = False
        self._reason = "nothing was read yet"
        self._running: Iterator[list[Message]] | None = None
        self._swept_from = self._not_before = self._recover_after = since
        self._pays_debt = False

    def find_start(self) -> dict[str, str]:
        """The query with which the event stream goes on from where it was read."""
        if self.trail.start:
            return {"since_id": self.trail.start}
        return {"since": format_instant(self.mark.swept or self.since)}

    def stop(self) -> None:
        """Let the channels end."""
        for channel in self.channels:
            channel.stop()

    @property
    def continuity(self) -> Continuity:
        """COLD until the first sweep with an open stream, LIVE, or GAP; and why."""
        if self._is_live:
            return "LIVE", "the stream listens and a sweep is complete"
        return ("GAP" if self._was_live else "COLD"), self._reason

    def read(self, cursor: str | None) -> tuple[list[Message], str | None]:
        """What is new after the cursor, and the next cursor; waits no longer than `patience` for it.

        Raises Unauthorized, for ever, once a channel was refused; MqkError for a foreign cursor.
        """
        if self._unstored and cursor != self._unstored[1]:
            return self._unstored
        self._unstored = None
        if self.refused:
            raise Unauthorized(self.refused)
        self._begin(cursor)
        messages = self._go_on_sweeping() or self._drain() or self._go_on_sweeping()
        if not messages:
            if self.refused:
                raise Unauthorized(self.refused)
            return [], cursor
        self.mark = replace(self.mark, batch=self.mark.batch + 1, event_id=self.trail.start)
        self._unstored = messages, self.mark.text()
        return self._unstored

    def recover(self, broker_order_ids: Sequence[str]) -> list[Message]:
        """What a sweep of the whole time finds about these orders; not sooner than a pause after the
        last one, and nothing while the broker does not answer.
        """
        now = self.clock()
        if now < self._recover_after:
            return []
        self._recover_after = now + TRY_AGAIN_AFTER
        try:
            found = [m for batch in self.sweep(self.since, now) for m in batch]
        except Unauthorized as no:
            self.refused = str(no)
            return []
        except (NotSent, Unsure) as failure:
            log("alpaca", "nothing recovered", why=str(failure))
            return []
        return [m for m in found if m.get("broker_order_id") in broker_order_ids]

    def _begin(self, cursor: str | None) -> None:
        if self._began:
            return
        self.mark = read_cursor(cursor)
        self.trail = Trail(self.mark.event_id)
        self._swept_from = self._not_before = self.clock()
        self._began = True
        for channel in self.channels:
            channel.start()

    def _go_on_sweeping(self) -> list[Message]:
        """The next batch of the sweep, if there is one to do; a failure is tried again later."""
        now = self.clock()
        if self._running is None:
            if not self._is_sweep_due(now):
                return []
            self._running = self.sweep(self._find_window(), now)
            self._swept_from, self._pays_debt = now, self._owes_sweep
        try:
            for batch in self._running:
                if batch:
                    return batch
        except Unauthorized as no:
            self.refused = str(no)
        except (NotSent, Unsure) as failure:
            self._reason = f"a sweep failed: {failure}"
            not_before = failure.not_before if isinstance(failure, NotSent) else None
            self._not_before = not_before or now + TRY_AGAIN_AFTER
        else:
            self._end_sweep()
        self._running = None
        return []

    def _is_sweep_due(self, now: datetime) -> bool:
        every = SWEEP_EVERY if self._is_live else SWEEP_UNHEARD_EVERY
        return now >= self._not_before and (self._owes_sweep or now - self._swept_from >= every)

    def _find_window(self) -> datetime:
        """Where the sweep begins: well before the last complete one ended."""
        overlap = GAP_OVERLAP if self._owes_sweep else OVERLAP
        return max(self.since, self.mark.swept - overlap) if self.mark.swept else self.since

    def _end_sweep(self) -> None:
        self.mark = replace(self.mark, swept_at=format_swept(self._swept_from))
        if self._pays_debt:
            self._owes_sweep = False
            self._is_live = self._listening
            self._was_live = self._was_live or self._is_live

    def _drain(self) -> list[Message]:
        """What the channels brought; stops where a sweep has to come first."""
        messages: list[Message] = []
        wait = self.patience
        while len(messages) < PAGE and not self.refused:
            try:
                item = self.items.get(timeout=wait) if wait else self.items.get_nowait()
            except queue.Empty:
                break
            wait = 0
            if item.kind == "FRAME":
                messages.append(self._take(item))
            else:
                self._notice(item)
                if item.kind == "LISTENING":
                    break
        return messages

    def _take(self, item: Item) -> Message:
        message = read_update(item.channel, item.text)
        raw = message["raw"]
        if item.channel == "sse" and isinstance(raw, dict) and isinstance(raw.get("event_id"), str):
            self.trail.add(raw["event_id"])
        return message

    def _notice(self, item: Item) -> None:
        log("alpaca", item.kind.lower(), channel=item.channel, why=item.text)
        if item.kind == "REFUSED":
            self.refused, self._is_live, self._reason = item.text, False, item.text
        elif item.channel == "ws" and item.kind == "LISTENING":
            self._listening = self._owes_sweep = True
        elif item.channel == "ws":
            self._listening = self._is_live = False
            self._reason = f"the stream broke: {item.text}"
