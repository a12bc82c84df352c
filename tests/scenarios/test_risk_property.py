"""A property: whatever is ordered, filled, cancelled or marked, no verdict lets an exposure grow beyond
its limit, and what leaves while a run is halted only ever lowers a position."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit import DOLLAR, GIVEN, Desk
from support import SERVER

SYMBOLS = ("AAA", "BBB")
GROSS, NET, SYMBOL = 30_000 * DOLLAR, 20_000 * DOLLAR, 18_000 * DOLLAR
RISK = {"max_gross_exposure": 0.3, "max_net_exposure": 0.2, "max_position_per_symbol": 0.18,
        "allow_short": True, "price_collar_bps": 10000, "daily_loss_limit": 1,
        "max_drawdown": 0.02, "halt_leverage": 2}  # fmt: skip
EVENTS = st.lists(
    st.tuples(st.sampled_from(["fill", "fill", "fill", "cancel"]), st.integers(0, 5),
              st.integers(1, 250)),
    max_size=4,
)  # fmt: skip
ROUND = st.fixed_dictionaries(
    {
        "targets": st.dictionaries(st.sampled_from(SYMBOLS), st.integers(-250, 250), min_size=1),
        "marks": st.dictionaries(st.sampled_from(SYMBOLS), st.integers(80, 120)),
        "before": EVENTS,
        "after": EVENTS,
    }
)


class Venue:
    """A broker that takes everything and fills what the example says."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def find(self, name: str) -> str | None:
        """The broker's id of an order."""
        return f"v-{name}" if name in self.names else None

    def submit(self, permit: dict[str, Any]) -> str:
        """Take an order."""
        self.names.append(permit["client_order_id"])
        return f"v-{permit['client_order_id']}"

    def cancel(self, broker_order_id: str) -> None:
        """Take a request to cancel."""


class World:
    """A desk and a venue of its own, driven step by step."""

    def __init__(self, url: str) -> None:
        self.desk = Desk(url, strategy=GIVEN, risk=RISK, runtime={"gate_ttl_seconds": 1728000})
        self.desk.start()
        self.venue = self.desk.broker = Venue()  # type: ignore[assignment]
        for kind, tick in self.desk.ticks.items():
            tick.broker = self.venue if kind == "gateway" else None  # type: ignore[assignment]
        self.index, self.marks = 2, {"AAA": 100, "BBB": 100}

    def open(self) -> list[dict[str, Any]]:
        """Orders that the venue has and that have not ended."""
        return self.desk.sql(
            "select o.*, s.lane from oms.orders as o join oms.outbox as s using (run_id, order_id)"
            " where s.request_kind = 'SUBMIT' and leaves_qty > 0 and client_order_id = any (%s)"
            " order by created_at, client_order_id", self.venue.names,
        )  # fmt: skip

    def tell(self, order: dict[str, Any], kind: str, **fields: Any) -> None:
        """The venue tells of an order."""
        self.desk.clock.move_to(self.desk.now + timedelta(seconds=1))
        self.desk.receive(self.desk.event(order["client_order_id"], kind, message_id=str(self.desk.now),
                                          **fields))  # fmt: skip

    def hear(self, what: str, which: int, amount: int) -> None:
        """The venue fills an open order, in part or whole, or ends it."""
        if not (orders := self.open()):
            return
        order = orders[which % len(orders)]
        was, lane = positions(self.desk).get(order["symbol"], 0), order["lane"]
        if what == "cancel":
            self.tell(order, "canceled", cum_qty=order["cum_qty"])
        else:
            qty = min(amount, order["leaves_qty"])
            total = order["cum_qty"] + qty
            self.tell(order, "fill" if total == order["working_qty"] else "partial_fill", qty=qty,
                      cum_qty=total, price=str(self.marks[order["symbol"]]), fee="0",
                      execution_id=f"x{self.desk.now}")  # fmt: skip
            now = positions(self.desk)[order["symbol"]]
            assert lane == "GATED" or (abs(now) < abs(was) and now * was >= 0)

    def play(self, turn: dict[str, Any]) -> None:
        """A session closes, a running strategy says what it wants, the venue answers."""
        self.marks |= turn["marks"]
        self.desk.close(self.index, ticks=("marketdata",), **self.marks)
        self.index += 1
        if self.desk.status == "RUNNING":
            lease = self.desk.lease("strategist")
            self.desk.call(
                "io.plan_intents", **lease, targets=turn["targets"], now_at=self.desk.now
            )
        for events in (turn["before"], turn["after"]):
            self.desk.tick("gateway")
            for event in events:
                self.hear(*event)

    def flatten(self) -> None:
        """A person has everything closed; the venue ends what it is asked to and fills the rest."""
        self.desk.act("run_flatten", run_id=self.desk.run_id, reason="example")
        for _ in range(8):
            self.desk.tick("gateway")
            for n, order in enumerate(self.open()):
                self.hear("cancel" if order["lane"] == "GATED" else "fill", n, 150)

    def check(self) -> None:
        """No verdict that let something grow saw more than the limits, counted anew from the tables."""
        for row in self.desk.sql("select numbers as n from risk.decisions where verdict = 'ALLOW'"):
            n = row["n"]
            if n["held_qty"] * n["order_qty"] < 0:
                continue  # may be a reduction: the lane's own law
            high = n["held_qty"] + n["buy_qty"] + max(n["order_qty"], 0)
            low = n["held_qty"] - n["sell_qty"] + min(n["order_qty"], 0)
            worst = max(high, -low) * n["mark_micros"]
            assert worst <= SYMBOL
            assert n["other_gross"] + worst <= GROSS
            assert n["other_high"] + high * n["mark_micros"] <= NET
            assert -n["other_low"] - low * n["mark_micros"] <= NET


def positions(desk: Desk) -> dict[str, int]:
    """Signed shares by symbol."""
    return {r["symbol"]: r["position_qty"] for r in desk.sql("select * from ledger.positions")}


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(turns=st.lists(ROUND, min_size=3, max_size=6))
def test_no_verdict_exceeds_a_limit_and_no_flatten_enlarges_a_position(
    turns: list[dict[str, Any]],
) -> None:
    with SERVER.clone() as db:
        world = World(db.url)
        for turn in turns:
            world.play(turn)
        world.check()
        world.flatten()
        assert not any(positions(world.desk).values())
        assert world.desk.broken_promises() == []
        world.desk.conn.close()
