"""What every broker must offer. Values cross here as the broker gave them: numbers as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

Message = dict[str, Any]
Document = dict[str, Any]


class Refused(Exception):
    """The broker said no, definitely: it does not hold the order."""


class Unsure(Exception):
    """Nobody knows whether the broker holds the order: a timeout, a broken answer."""


class Broker(Protocol):
    """One account at one broker.

    Orders go out as permits (client_order_id, symbol, order_qty signed whole shares, order_type,
    limit_price_micros, time_in_force). Messages come in as the door io.receive_messages takes them,
    snapshots as io.submit_snapshot takes them.
    """

    def submit(self, permit: Mapping[str, Any]) -> str:
        """Send an order; give the broker's id for it. Raises Refused or Unsure, never retries."""

    def cancel(self, broker_order_id: str) -> None:
        """Ask for the end of a working order. Raises Refused when it has ended."""

    def replace(self, broker_order_id: str, order_qty: int, limit_price_micros: int | None) -> None:
        """Ask for another quantity or limit. Raises Refused."""

    def find(self, client_order_id: str) -> str | None:
        """The broker's id of an order by our name for it, or None: evidence after a doubt."""

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

    def observe(self, bars: Sequence[Mapping[str, Any]]) -> None:
        """Show closed bars to a simulated market; a real broker ignores it."""
