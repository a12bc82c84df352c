"""A thread that keeps one channel open and puts what comes into a queue."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

FRAME_LIMIT = 10_000  # frames that may wait to be read
LONGEST_PAUSE = 60.0  # seconds
LONG_ENOUGH = 30.0  # seconds of a session that was no failure

Kind = Literal["LISTENING", "FRAME", "DROP", "REFUSED", "ABSENT"]


class Drop(Exception):
    """The channel broke, or can no longer be trusted to be whole: open it again."""


class KeysRefused(Exception):
    """The broker does not accept our keys on this channel: stop."""


class Absent(Exception):
    """The broker does not offer this channel: go on without it."""


@dataclass(frozen=True)
class Item:
    """What a channel has to say: a frame, or that it began to listen, broke, or is over."""

    channel: str
    kind: Kind
    text: str


Items = queue.SimpleQueue[Item]


class Post(Protocol):
    """Puts one item of a channel into the queue."""

    def __call__(self, kind: Kind, text: str) -> None: ...


class Session(Protocol):
    """One connection of a channel, from opening to its end, which is always an exception."""

    name: str

    def __call__(self, post: Post) -> None: ...


class Channel:
    """Runs sessions in a thread of its own, one after the other, with pauses of 1 to 60 seconds.

    `jitter` gives numbers in 0..1; `pause` waits for seconds and gives True when it is time to stop.
    """

    def __init__(
        self,
        session: Session,
        items: Items,
        jitter: Callable[[], float],
        pause: Callable[[float], bool] | None = None,
    ) -> None:
        self.session, self.items, self.jitter = session, items, jitter
        self.asked = threading.Event()
        self.pause = pause or self.asked.wait
        self.failures = 0
        self.thread = threading.Thread(target=self._run, name=session.name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self.thread.start()

    def stop(self) -> None:
        """Ask for the end; the thread leaves when its session next looks up."""
        self.asked.set()

    def _run(self) -> None:
        while not self.asked.is_set():
            began = time.monotonic()
            try:
                self.session(self._post)
                raise Drop("it ended")
            except KeysRefused as no:
                return self._put("REFUSED", str(no))
            except Absent as no:
                return self._put("ABSENT", str(no))
            except Drop as why:
                self._put("DROP", str(why))
            except Exception as error:  # a reader that dies in silence would look like a quiet day
                self._put("DROP", type(error).__name__)
            if time.monotonic() - began > LONG_ENOUGH:
                self.failures = 0
            if self.pause(find_pause(self.failures, self.jitter())):
                return None
            self.failures += 1
        return None

    def _post(self, kind: Kind, text: str) -> None:
        if self.asked.is_set():
            raise Drop("asked to stop")
        if kind == "FRAME" and self.items.qsize() >= FRAME_LIMIT:
            raise Drop("the reader is too slow")
        if kind == "FRAME":
            self.failures = 0
        self._put(kind, text)

    def _put(self, kind: Kind, text: str) -> None:
        self.items.put(Item(self.session.name, kind, text))


def find_pause(failures: int, jitter: float) -> float:
    """Seconds before the next session: 1, 2, 4 ... 60, less up to a half, but at least 1."""
    longest = min(LONGEST_PAUSE, float(2 ** min(failures, 10)))
    return max(1.0, longest * (0.5 + 0.5 * jitter))
