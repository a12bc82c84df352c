"""What every broker must offer. Values cross here as the broker gave them: numbers as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

Message = dict[str, Any]
Document = dict[str, Any]


class Refused(Exception):
    """The broker said no, definitely: it does not hold the order, or not in the state asked for."""


class NotSent(Exception):
    """The broker has certainly not taken the request: no connection, or too many requests.

    `not_before` is the instant before which nothing more may be sent, where the broker named one.
    """

    def __init__(self, why: str, not_before: datetime | None = None) -> None:
        super().__init__(why)
        self.not_before = not_before


class Unauthorized(NotSent):
    """The broker does not accept our keys: nothing was taken, and trying again cannot help."""


class Unsure(Exception):
    """Nobody knows whether the broker took the request: a timeout, a broken or foreign answer."""


class Broker(Protocol):
    """One account at one broker.

    Requests go out as permits, the rows of io.get_permit: client_order_id, symbol, order_qty signed
    whole shares, order_type MARKET|LIMIT|STOP|STOP_LIMIT, limit_price_micros, stop_price_micros,
    time_in_force DAY|GTC, and for a cancel or replace broker_order_id. No request is ever repeated by
    an adapter. Messages come in as io.receive_messages takes them:

        message_id        unique name of the envelope for ever
        event             the broker's own word, see oms.find_defect for those that are understood
        broker_order_id, client_order_id
        execution_id, previous_execution_id (of a bust or correction)
        qty, price, fee   of this execution        cum_qty   filled so far by this broker order
        position_qty      the broker's position after it, signed
        order_qty         the order's total now    replaces, replaced_by   broker order ids
        at                ISO 8601 with offset     raw       all of it, verbatim

    All numbers are text as the broker wrote it; what it did not say is absent. Snapshots go as
    io.submit_snapshot takes them.
    """

    def submit(self, permit: Mapping[str, Any]) -> str:
        """Send an order; give the broker's id for it. Raises Refused, NotSent, Unauthorized, Unsure."""

    def cancel(self, broker_order_id: str) -> None:
        """Ask for the end of a working order; done is only what an event says. Raises as submit."""

    def replace(self, permit: Mapping[str, Any]) -> str:
        """Ask for other terms under a new name; give the successor's id. Raises as submit."""

    def find(self, client_order_id: str) -> str | None:
        """The broker's id of an order by our name for it, or None: evidence after a doubt.

        Raises NotSent or Unsure when the broker did not answer: silence is no absence.
        """

    def orders(self) -> Sequence[Document]:
        """All orders of the account that the broker shows."""

    def positions(self) -> Sequence[Document]:
        """Open positions of the account."""

    def account(self) -> Document:
        """Account id and cash."""

    def snapshot(self) -> Document:
        """Orders, positions and cash as of one instant, with captured_at and source."""

    def events(self, cursor: str | None) -> tuple[list[Message], str | None]:
        """Messages after the cursor, oldest first, and the cursor to continue from."""

    def recover(self, broker_order_ids: Sequence[str]) -> list[Message]:
        """All executions that the broker knows of these orders, as messages; for what was missed.
        Nothing while the broker is silent.
        """

    def continuity(self) -> tuple[str, str]:
        """LIVE, COLD or GAP, and why: whether the messages so far are known to be all."""

    def observe(
        self, bars: Sequence[Mapping[str, Any]], actions: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        """Show closed bars and corporate actions to a simulated market; a real broker ignores it."""
