"""The way to the broker: what the workers see as their Broker. It loses, doubles, delays and lies dead.

A request meets the fate that was set for it; what the broker says waits in `flying` until it arrives in
`arrived`, which the workers read by number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from mqk.brokers import Document, Message, NotSent, Refused, Unsure
from mqk.simulating.chance import Chance
from mqk.simulating.venue import Order, Unwilling, Venue

PAGE = 20
FATES = ("REFUSED", "NOT_SENT", "LOST", "TAKEN")  # LOST, TAKEN: nobody knows which


class Link:
    """Broker protocol over a venue. `passes` is called at each step of a call: a worker may die there."""

    def __init__(
        self, venue: Venue, clock: Callable[[], datetime], passes: Callable[[], None]
    ) -> None:
        self.venue, self.clock, self.passes = venue, clock, passes
        self.fates: list[str] = []  # of the next requests
        self.blind = 0  # look-ups that do not answer
        self.hidden_ms = 0  # how long a new order cannot be looked up
        self.flying: list[Message] = []
        self.lost: list[Message] = []
        self.arrived: list[Message] = []
        self.heard = 0  # of venue.said
        self.gap = ""  # why the stream knows that it is not whole
        self.frozen: Document | None = None  # the snapshot that is shown again
        self.asked: list[tuple[str, str]] = []  # (kind, name) of every request that went out
        self.watch: Callable[[str, Mapping[str, Any]], None] = lambda _kind, _permit: None

    # Requests.

    def submit(self, permit: Mapping[str, Any]) -> str:
        return self._ask("SUBMIT", permit, lambda: self.venue.submit(permit, self.clock()))

    def cancel(self, broker_order_id: str) -> None:
        permit = {"client_order_id": broker_order_id}
        self._ask("CANCEL", permit, lambda: self.venue.cancel(broker_order_id, self.clock()))

    def replace(self, permit: Mapping[str, Any]) -> str:
        return self._ask("REPLACE", permit, lambda: self.venue.replace(permit, self.clock()))

    def _ask(self, kind: str, permit: Mapping[str, Any], work: Callable[[], Order | None]) -> str:
        self.passes()
        self.watch(kind, permit)
        fate = self.fates.pop(0) if self.fates else "ANSWERED"
        if fate == "NOT_SENT":
            raise NotSent("too many requests")
        self.asked.append((kind, str(permit["client_order_id"])))
        if fate == "REFUSED":
            raise Refused("insufficient something")
        if fate == "LOST":
            raise Unsure("no answer")
        try:
            made = work()
        except Unwilling as no:
            if fate == "TAKEN":
                raise Unsure("no answer") from None
            raise Refused(str(no)) from None
        self.passes()
        if fate == "TAKEN":
            raise Unsure("no answer")
        return made.order_id if made else ""

    # Look-ups.

    def _look(self) -> None:
        self.passes()
        if self.blind > 0:
            self.blind -= 1
            raise NotSent("no connection")

    def _visible(self) -> list[Order]:
        now = self.clock()
        return [
            o for o in self.venue.orders.values()
            if (now - o.seen_at).total_seconds() * 1000 >= self.hidden_ms
        ]  # fmt: skip

    def find(self, client_order_id: str) -> str | None:
        self._look()
        found = [o.order_id for o in self._visible() if o.name == client_order_id]
        return found[-1] if found else None

    def orders(self) -> Sequence[Document]:
        self._look()
        return [o.show() for o in self._visible()]

    def positions(self) -> Sequence[Document]:
        self._look()
        return list(self.snapshot()["positions"])

    def account(self) -> Document:
        self._look()
        return {"account_id": self.venue.account_id, "cash": self.snapshot()["cash"]}

    def snapshot(self) -> Document:
        self._look()
        return self.frozen or self.venue.snapshot(self.clock())

    # The stream.

    def events(self, cursor: str | None) -> tuple[list[Message], str | None]:
        self.passes()
        done = int(cursor or 0)
        page = self.arrived[done : done + PAGE]
        return page, str(done + len(page)) if page else cursor

    def recover(self, broker_order_ids: Sequence[str]) -> list[Message]:
        try:
            self._look()
        except NotSent:
            return []  # nothing while the broker is silent
        return list(self.venue.recall(list(broker_order_ids)))

    def continuity(self) -> tuple[str, str]:
        return ("GAP", self.gap) if self.gap else ("LIVE", "read by number")

    def observe(
        self, bars: Sequence[Mapping[str, Any]], actions: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        """The venue's market is not made of bars."""

    # What becomes of messages.

    def hear(self) -> None:
        """Take what the venue has said since, onto the way."""
        self.flying += self.venue.said[self.heard :]
        self.heard = len(self.venue.said)

    def deliver(self, chance: Chance, *, loses: int, doubles: int, shuffles: bool) -> None:
        """Let what flies arrive, or some of it: lost and doubled so many times in a hundred."""
        self.hear()
        if shuffles:
            self.flying.sort(key=lambda _: chance.draw())
        for message in self.flying:
            if chance.happens(loses):
                self.lost.append(message)
                continue
            self.arrived.append(message)
            if chance.happens(doubles):
                again = message if chance.happens(50) else {
                    **message, "message_id": f"{message['message_id']}-again"
                }  # fmt: skip
                self.arrived.append(again)
        self.flying = []

    def heal(self) -> None:
        """No fault any more: everything that was ever said arrives."""
        self.fates, self.blind, self.hidden_ms, self.gap, self.frozen = [], 0, 0, "", None
        self.hear()
        self.arrived += self.lost + self.flying
        self.lost, self.flying = [], []

    @property
    def is_whole(self) -> bool:
        """Whether everything that the venue said has arrived."""
        return not self.flying and not self.lost and self.heard == len(self.venue.said)
