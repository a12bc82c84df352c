"""Where notices go: a sink takes one message of io.claim_notices and delivers it, or says why not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TextIO

PRIORITY = {"CRITICAL": 2, "WARN": 4, "INFO": 6}  # as syslog and journald number them


@dataclass(frozen=True)
class Receipt:
    """A message arrived: what the other side calls it, and for how long (ms) it asks to be left alone."""

    text: str
    rest_ms: int = 0


class Undelivered(Exception):
    """A message did not arrive. `rest_ms`: how long the other side asks to be left alone; `is_gone`: it
    will never take one, so it must not be asked again.
    """

    def __init__(self, reason: str, rest_ms: int = 0, *, is_gone: bool = False) -> None:
        super().__init__(reason)
        self.rest_ms, self.is_gone = rest_ms, is_gone


class Sink(Protocol):
    """Takes messages: channel, delivery_no, severity, notices (how many), title, body."""

    def send(self, message: Mapping[str, Any]) -> Receipt:
        """Deliver one message. Raises Undelivered."""


class Lines:
    """One JSON object a line, for journald or a file."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def send(self, message: Mapping[str, Any]) -> Receipt:
        """Write one line."""
        line = {**message, "priority": PRIORITY[message["severity"]]}
        try:
            print(json.dumps(line, sort_keys=True), file=self.stream, flush=True)
        except OSError as no:
            raise Undelivered(f"standard output: {no.strerror}") from None
        return Receipt("written to standard output")
