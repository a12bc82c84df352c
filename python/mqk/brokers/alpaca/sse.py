"""The event stream: lines to events, and one connection that reads them from a cursor on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NoReturn

import httpx

from mqk.brokers.alpaca.channel import Absent, Drop, KeysRefused, Post
from mqk.brokers.alpaca.keys import Keys
from mqk.brokers.alpaca.rest import Transport, make_client

PATH = "/v2/events/trades"
SILENCE = 45.0  # seconds without a line, heartbeats included
LINE_LIMIT = 1_000_000  # bytes


@dataclass(frozen=True)
class Line:
    """One event (its data), or one comment."""

    is_comment: bool
    text: str


def split_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Bytes as they come, as lines without their end. Raises Drop for a line without an end."""
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        yield from (line.removesuffix(b"\r") for line in lines)
        if len(rest) > LINE_LIMIT:
            raise Drop("a line has no end")


def parse_events(lines: Iterable[bytes]) -> Iterator[Line]:
    """Lines as events and comments; an event that its end cut off is not given."""
    data: list[str] = []
    for line in lines:
        text = line.decode("utf-8", "backslashreplace")
        name, _, value = text.partition(":")
        if not text:
            if data:
                yield Line(False, "\n".join(data))
            data = []
        elif not name:
            yield Line(True, value.strip())
        elif name == "data":
            data.append(value.removeprefix(" "))


class EventStream:
    """A session of the resumable channel; `find_start` gives the query to continue from."""

    name = "sse"

    def __init__(
        self,
        base_url: str,
        keys: Keys,
        find_start: Callable[[], dict[str, str]],
        *,
        silence: float = SILENCE,
        transport: Transport = None,
    ) -> None:
        self.base_url, self.keys, self.find_start = base_url, keys, find_start
        self.silence, self.transport = silence, transport

    def __call__(self, post: Post) -> NoReturn:
        """Read events until there are no more. Raises Drop, KeysRefused, Absent."""
        client = make_client(self.base_url, self.keys, self.transport)
        timeout = httpx.Timeout(connect=3, read=self.silence, write=5, pool=2)
        query = self.find_start()
        try:
            with client, client.stream("GET", PATH, params=query, timeout=timeout) as answer:
                check_answer(answer)
                post("LISTENING", "")
                for line in parse_events(split_lines(answer.iter_bytes())):
                    if not line.is_comment:
                        post("FRAME", line.text)
                    elif line.text != "heartbeat":
                        raise Drop(f"the stream says: {self.keys.redact(line.text[:100])}")
        except httpx.HTTPError as error:
            raise Drop(type(error).__name__) from None
        raise Drop("the stream ended")


def check_answer(answer: httpx.Response) -> None:
    """Go on only with a stream. Raises KeysRefused; Absent where this host has none; Drop."""
    if answer.status_code == 401:
        raise KeysRefused("401 on the event stream")
    if answer.status_code in (403, 404, 405, 501):
        raise Absent(f"{answer.status_code} on the event stream")
    kind = answer.headers.get("Content-Type", "")
    if answer.status_code != 200 or not kind.startswith("text/event-stream"):
        raise Drop(f"{answer.status_code} on the event stream")
