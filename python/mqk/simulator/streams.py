"""Who listens to trade updates, and what may go wrong on the way to them.

The hub keeps one queue a listener. What is told while it holds waits; what it is told to lose is lost to
the live streams (never to the books, to REST or to a replay by cursor).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from mqk.simulator.ledger import Record
from mqk.simulator.rules import Refusal

DROP = object()  # in a queue: cut this connection


@dataclass(eq=False)
class Listener:
    """One connection that wants events: a websocket that listens, or an event stream."""

    kind: str  # ws | sse
    queue: asyncio.Queue[Any] = field(default_factory=asyncio.Queue)


class Hub:
    """Sends events to every listener."""

    def __init__(self) -> None:
        self.listeners: list[Listener] = []
        self.connections: set[Any] = set()  # transports of all streams, listening or not
        self.held: list[Record] | None = None
        self.losing: dict[str, int] = {}
        self.copies = 1
        self.frozen = False
        self.refusing = False
        self.connects = 0

    def publish(self, events: Iterable[Record]) -> None:
        """Send events, unless they are held or lost."""
        for event in events:
            if self.losing.get(event["event"], 0) > 0:
                self.losing[event["event"]] -= 1
            elif self.held is not None:
                self.held.append(event)
            else:
                self.push([event] * self.copies)

    def push(self, items: Iterable[Any]) -> None:
        """Give every listener these, now."""
        for item in items:
            for listener in self.listeners:
                listener.queue.put_nowait(item)

    def drop(self) -> int:
        """Cut every stream connection; gives how many."""
        cut = len(self.connections)
        for transport in list(self.connections):
            transport.abort()
        self.connections.clear()
        return cut

    def command(self, body: dict[str, Any]) -> None:
        """One order of the control plane. Raises Refusal 400 for a word it does not know."""
        match body.get("do"):
            case "drop":
                self.drop()
            case "freeze" | "thaw" as word:
                self.frozen = word == "freeze"
            case "refuse" | "accept" as word:
                self.refusing = word == "refuse"
            case "hold":
                self.held = self.held or []
            case "release":
                held, self.held = self.held or [], None
                self.push(reorder(held, body))
            case "lose":
                self.losing[body["event"]] = body.get("times", 1)
            case "copies":
                self.copies = body["times"]
            case "comment":
                self.push([f": {body['text']}"])
            case word:
                raise Refusal(400, None, f"unknown word {word!r}")

    def describe(self) -> dict[str, Any]:
        """What the control plane shows."""
        kinds = [listener.kind for listener in self.listeners]
        return {
            "ws": kinds.count("ws"), "sse": kinds.count("sse"), "connects": self.connects,
            "open": len(self.connections), "held": len(self.held or []), "frozen": self.frozen,
            "refusing": self.refusing, "losing": self.losing, "copies": self.copies,
        }  # fmt: skip


def reorder(events: list[Record], body: dict[str, Any]) -> list[Record]:
    """Events as they came, `reverse`, in the `order` of given places, or shuffled by a `seed`."""
    if body.get("reverse"):
        return events[::-1]
    if "order" in body:
        return [events[place] for place in body["order"]]
    if "seed" in body:
        return Random(body["seed"]).sample(events, len(events))
    return events
