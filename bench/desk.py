"""A desk that trades laps: each buys some shares of every symbol, or sells them again.

The venue answers at once and keeps nothing, so that what is measured is the desk. Prices stand still
and nothing costs a fee: cash is what was deposited less what is held.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

from kit import GIVEN, Desk
from mqk.db import STEADY, connect
from mqk.workers.gateway import dispatch

PRICE = 100  # dollars
CASH = 100_000  # dollars
KINDS = ("gateway", "broker_events", "snapshots", "strategist")


class Venue:
    """A broker that takes every order and gives it a name made of ours."""

    def submit(self, permit: Mapping[str, Any]) -> str:
        """The broker's id."""
        return f"b:{permit['client_order_id']}"

    def observe(
        self, bars: Sequence[Mapping[str, Any]], actions: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        """It has no market of its own."""


class BenchDesk(Desk):
    """One run of its own engine and account; trades `symbols` orders a lap."""

    def __init__(self, url: str, number: int, symbols: int, sessions: int) -> None:
        self.prices = {f"S{number}{n:03d}": PRICE for n in range(symbols)}
        self.sessions = sessions + 3
        self.spent: Counter[str] = Counter()  # seconds by phase
        self.used: Counter[str] = Counter()  # seconds of the server's processor by phase
        self.index = 1  # of the last session
        self.held = 0  # shares of each symbol
        super().__init__(
            url,
            engine={"engine_id": f"BENCH{number}"},
            broker={"account_id": f"PAPER-BENCH-{number:04d}", "initial_cash": CASH},
            strategy={**GIVEN, "symbols": list(self.prices)},
        )
        self.start()
        for tick in self.ticks.values():
            tick.broker = Venue()  # type: ignore[assignment]
        self.reconnect(url)

    def reconnect(self, url: str) -> None:
        """A new session as a worker opens it, with the settings of now and without plans."""
        self.conn.close()
        self.conn = connect(url, "bench", STEADY)
        for tick in self.ticks.values():
            tick.conn = self.conn

    def read_processor(self) -> float:
        """Seconds of processor that our session's server process has used; 0 where nobody tells."""
        told = Path(f"/proc/{self.conn.info.backend_pid}/schedstat")
        return int(told.read_text().split()[0]) / 1e9 if told.exists() else 0.0

    def open_session(self) -> None:
        """The next session with its bars, beats and a proof that the stream is whole."""
        self.index += 1
        self.market.rows.clear()
        self.close(self.index, ticks=("marketdata",), **self.prices)
        for kind in KINDS:
            self.ticks[kind].lead()
            if kind != "strategist":
                self.ticks[kind].beat()
        stream = {"continuity": "LIVE", "reason": "bench", "now_at": self.now}
        self.call("io.set_continuity", **self.ticks["broker_events"].lease, **stream)

    def submit_snapshot(self) -> None:
        """What a broker would say who took every order of ours."""
        held = [{"symbol": s, "qty": str(self.held)} for s in self.prices] if self.held else []
        document = {
            "source": "paper",
            "account_id": self.run["account_id"],
            "captured_at": self.now.isoformat(),
            "cash": str(CASH - self.held * PRICE * len(self.prices)),
            "orders": [],
            "positions": held,
        }
        lease = self.ticks["snapshots"].lease
        with self.timed("snapshot"):
            rows = self.call("io.submit_snapshot", **lease, document=document, now_at=self.now)
        assert rows[0]["verdict"] == "CLEAN", rows

    @contextmanager
    def timed(self, phase: str) -> Iterator[None]:
        """Add what the body takes, and what the server uses for it, to the seconds of a phase."""
        began, used = perf_counter(), self.read_processor()
        yield
        self.spent[phase] += perf_counter() - began
        self.used[phase] += self.read_processor() - used

    def forget(self) -> None:
        """Count from here."""
        self.spent.clear()
        self.used.clear()

    def trade(self, batch: int, fills: int) -> None:
        """One lap: every symbol bought (or sold) in `fills` executions, `batch` messages a call."""
        target = 0 if self.held else fills
        with self.timed("enqueue"):
            targets = dict.fromkeys(self.prices, target)
            lease = self.ticks["strategist"].lease
            planned = self.call("io.plan_intents", **lease, targets=targets, now_at=self.now)
        names = {row["client_order_id"]: row["symbol"] for row in planned}
        assert len(names) == len(self.prices) and None not in names, planned
        self.carry(len(names))
        messages = list(self.say(list(names), fills, target))
        with self.timed("apply"):
            for n in range(0, len(messages), batch):
                self.hand_over(messages[n : n + batch])
        self.held = target

    def carry(self, orders: int) -> None:
        """Claim what is pending and take each order to the venue, as the gateway does."""
        gateway = self.ticks["gateway"]
        while orders:
            with self.timed("claim"):
                who = {"worker_name": gateway.name, "limit": min(orders, 20)}
                rows = self.call("io.claim_outbox", **gateway.lease, **who, now_at=self.now)
            with self.timed("dispatch"):
                for row in rows:
                    dispatch(gateway, row["outbox_id"])
            assert rows
            orders -= len(rows)

    def say(self, names: Sequence[str], fills: int, target: int) -> Iterator[dict[str, Any]]:
        """The broker's messages about orders of `fills` shares: taken, then share by share."""
        for name in names:
            yield self.message(name, "new", "0")
        for n in range(1, fills + 1):
            for name in names:
                yield self.message(
                    name,
                    "fill" if n == fills else "partial_fill",
                    f"{n:03d}",
                    execution_id=f"{self.index:06d}:{name}:{n:03d}",
                    qty="1",
                    price=str(PRICE),
                    cum_qty=str(n),
                    position_qty=str(n if target else fills - n),
                )

    def message(self, name: str, event: str, number: str, **fields: str) -> dict[str, Any]:
        """One message as io.receive_messages takes it."""
        return {
            "message_id": f"m:{name}:{number}",
            "event": event,
            "client_order_id": name,
            "broker_order_id": f"b:{name}",
            "at": self.now.isoformat(),
            **fields,
        }

    def hand_over(self, messages: Sequence[Mapping[str, Any]]) -> None:
        """Let the inbox take them; each must be applied."""
        rows = self.call(
            "io.receive_messages",
            **self.ticks["broker_events"].lease,
            messages=list(messages),
            cursor_text=messages[-1]["message_id"],
            now_at=self.now,
        )
        assert {row["disposition"] for row in rows} == {"APPLIED"}, rows

    def lap(self, batch: int = 1, fills: int = 1) -> None:
        """A session: bars and a snapshot, then the trades."""
        self.open_session()
        self.submit_snapshot()
        self.trade(batch, fills)
