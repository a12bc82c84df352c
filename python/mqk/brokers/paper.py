"""The paper broker: an account of the `sim` room, in a database of its own choice.

Its books are not ours: they change only by what we submit and by the bars the market is shown. Give it
another database (MQK_PAPER_URL) and it even survives the loss of ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mqk.brokers import Document, Message, Refused, Unsure
from mqk.clock import Clock
from mqk.db import Connection, call, call_value
from mqk.errors import INVARIANT_BROKE, TRY_AGAIN, MqkError

PAGE = 200


class PaperBroker:
    """Broker protocol over the io.paper_* doors."""

    def __init__(self, conn: Connection, account_id: str, clock: Clock) -> None:
        self.conn, self.account_id, self.clock = conn, account_id, clock

    def open(self, terms: Mapping[str, Any]) -> None:
        """Open the account with its cost model (columns of sim.accounts); the same again: nothing."""
        call(
            self.conn,
            "io.paper_open",
            account_id=self.account_id,
            terms=dict(terms),
            now_at=self.clock(),
        )

    def submit(self, permit: Mapping[str, Any]) -> str:
        """Send an order to the paper market."""
        order = self._change(
            "io.paper_submit",
            client_order_id=permit["client_order_id"],
            symbol=permit["symbol"],
            order_qty=permit["order_qty"],
            order_type=permit["order_type"],
            limit_price_micros=permit["limit_price_micros"],
            stop_price_micros=permit["stop_price_micros"],
            time_in_force=permit["time_in_force"],
        )
        return str(order["broker_order_id"])

    def cancel(self, broker_order_id: str) -> None:
        """Cancel a working order."""
        self._change("io.paper_cancel", broker_order_id=broker_order_id)

    def replace(self, permit: Mapping[str, Any]) -> str:
        """Replace quantity and prices of a working order; it keeps its id."""
        order = self._change(
            "io.paper_replace",
            broker_order_id=permit["broker_order_id"],
            order_qty=permit["order_qty"],
            limit_price_micros=permit["limit_price_micros"],
            stop_price_micros=permit["stop_price_micros"],
        )
        return str(order["broker_order_id"])

    def find(self, client_order_id: str) -> str | None:
        """Look an order up by our name."""
        named = (o for o in self.orders() if o["client_order_id"] == client_order_id)
        return next((str(o["broker_order_id"]) for o in named), None)

    def orders(self) -> Sequence[Document]:
        """All orders of the account."""
        return list(self.snapshot()["orders"])

    def positions(self) -> Sequence[Document]:
        """Open positions."""
        return list(self.snapshot()["positions"])

    def account(self) -> Document:
        """Account id and cash."""
        snapshot = self.snapshot()
        return {"account_id": snapshot["account_id"], "cash": snapshot["cash"]}

    def snapshot(self) -> Document:
        """The account as the paper broker sees it now."""
        document = call_value(
            self.conn, "io.paper_snapshot", account_id=self.account_id, now_at=self.clock()
        )
        if document is None:
            raise MqkError("MQN07", "the paper account exists", self.account_id)
        return dict(document)

    def events(self, cursor: str | None) -> tuple[list[Message], str | None]:
        """Messages after the cursor (the number of the last one seen)."""
        rows = call(
            self.conn,
            "io.paper_events",
            account_id=self.account_id,
            after_no=int(cursor or 0),
            limit=PAGE,
        )
        return [r["message"] for r in rows], str(rows[-1]["event_no"]) if rows else cursor

    def recover(self, broker_order_ids: Sequence[str]) -> list[Message]:
        """All messages about these orders, from the first on."""
        found: list[Message] = []
        cursor: str | None = None
        while True:
            messages, cursor = self.events(cursor)
            found += [m for m in messages if m["broker_order_id"] in broker_order_ids]
            if not messages:
                return found

    def continuity(self) -> tuple[str, str]:
        """Always whole: every read begins where the last one ended."""
        return "LIVE", "read by number"

    def observe(
        self, bars: Sequence[Mapping[str, Any]], actions: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        """Tell the account's paper market of corporate actions, then let it trade these bars."""
        call(
            self.conn,
            "io.paper_act",
            account_id=self.account_id,
            actions=[dict(a) for a in actions],
            now_at=self.clock(),
        )
        call(
            self.conn,
            "io.paper_observe",
            account_id=self.account_id,
            bars=[dict(b) for b in bars],
            now_at=self.clock(),
        )

    def _change(self, door: str, **args: Any) -> Document:
        try:
            given = call_value(
                self.conn, door, account_id=self.account_id, now_at=self.clock(), **args
            )
        except MqkError as error:
            if error.exit_code in (TRY_AGAIN, INVARIANT_BROKE):
                raise Unsure(str(error)) from error
            raise Refused(f"{error.law}: {error.detail}") from error
        return dict(given)
