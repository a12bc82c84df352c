"""A desk that trades at the simulator through the real adapter: order, fill, stop, replace, reconcile."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pydantic import SecretStr

from kit import ALPACA, GIVEN, Desk
from mqk.brokers.alpaca.budget import SharedBudget
from mqk.brokers.alpaca.keys import Keys
from mqk.brokers.alpaca.wiring import make_broker
from simulator_kit import KEYS, Broker

ACCOUNT = "0f6bb1a1-6c1c-4a4e-9a5e-3f2f8d6c1e77"
PATIENCE = 30  # seconds until a test gives up


class Floor:
    """A desk and its broker, each by its own clock."""

    def __init__(self, url: str, simulator: Broker) -> None:
        self.simulator = simulator
        strategy = {**GIVEN, "protective_stop_bps": 500}
        account = {**ALPACA, "account_id": ACCOUNT}
        self.desk = desk = Desk(url, strategy=strategy, broker=account)
        run = desk.call("io.get_run", engine_id="TEST")[0]
        budget = SharedBudget(desk.conn, desk.run_id, desk.clock)
        keys = Keys(*(SecretStr(KEYS[name]) for name in ("APCA_API_KEY_ID", "APCA_API_SECRET_KEY")))
        self.broker = make_broker(
            simulator.url, ACCOUNT, run["created_at"], budget, Random(1), desk.clock, keys
        )
        for kind in ("gateway", "broker_events", "snapshots"):
            desk.ticks[kind].broker = self.broker
        simulator.control("set", hours="open")
        self.quote(100)

    def quote(self, price: float) -> None:
        """Let AAA trade at a price."""
        self.simulator.control("quote", symbol="AAA", price=f"{price:.2f}")

    def close(self, index: int, price: int) -> None:
        """Session `index` ends with AAA at this price; books and broker are compared."""
        self.desk.close(index, ticks=("marketdata", "broker_events"), AAA=price, BBB=50)
        self.compare()

    def compare(self) -> None:
        """A snapshot, a second later; it must be clean."""
        self.desk.clock.move_to(self.desk.now + timedelta(seconds=1))
        self.desk.tick("snapshots")
        verdict = self.desk.one(
            "select verdict from recon.comparisons order by snapshot_seq desc limit 1"
        )
        assert verdict == "CLEAN", self.desk.sql("select * from recon.drifts")

    def until(self, what: Callable[[], Any]) -> None:
        """Hear the broker's events until something is so."""
        deadline = time.monotonic() + PATIENCE
        while not what():
            assert time.monotonic() < deadline
            self.desk.tick("broker_events")

    def look(self) -> str:
        """Let the stops be looked after, and send what follows; give what was done with AAA."""
        lease = self.desk.lease("strategist")
        rows = self.desk.call("io.plan_stops", **lease, now_at=self.desk.now)
        self.desk.tick("gateway")
        return str(rows[0]["done"])

    @property
    def held(self) -> int:
        """Shares of AAA in our books."""
        return int(
            self.desk.value("ledger.get_position_qty", run_id=self.desk.run_id, symbol="AAA")
        )

    def resting(self) -> list[tuple[str, float]]:
        """Stops that rest at the broker: our name's end, stop price."""
        orders = self.simulator.api("GET", "/v2/orders").json()
        return [(o["client_order_id"][-3:], float(o["stop_price"])) for o in orders]

    def stop_is(self, status: str, request: str = "ACKED") -> bool:
        """Whether the last stop stands so, and every request of it is answered."""
        row = self.desk.sql(
            "select o.order_status, o.pending_op, b.outbox_status from oms.orders as o"
            " join oms.outbox as b using (run_id, order_id) where o.order_type = 'STOP'"
            " order by o.created_at desc, b.outbox_id desc"
        )[0]
        return tuple(row.values()) == (status, "NONE", request)


@pytest.fixture
def floor(db: Any, tmp_path: Path) -> Iterator[Floor]:
    """A running desk at the simulator, its stream listening."""
    with Broker(tmp_path / "ledger.jsonl", "--cash", "100000", "--account", ACCOUNT) as simulator:
        made = Floor(db.url, simulator)
        made.desk.start()
        made.until(lambda: made.broker.continuity()[0] == "LIVE")
        yield made
        assert made.desk.broken_promises() == []
        submits = simulator.judge()["submits"].values()
        assert all(told["received"] == told["accepted"] == 1 for told in submits)
        made.broker.close()
        made.desk.conn.close()


def test_a_protected_position_lives_and_dies_at_alpaca(floor: Floor) -> None:
    floor.close(2, 100)
    lease = floor.desk.lease("strategist")
    floor.desk.call("io.plan_intents", **lease, targets={"AAA": 10}, now_at=floor.desk.now)
    floor.desk.tick("gateway")
    floor.until(lambda: floor.held == 10)
    floor.compare()

    assert floor.look() == "STOP"
    floor.until(lambda: floor.stop_is("ACCEPTED"))
    assert [price for _, price in floor.resting()] == [95.0]
    floor.compare()

    floor.quote(110)
    floor.close(3, 110)
    assert floor.look() == "TIGHTENED"
    floor.until(lambda: floor.stop_is("ACCEPTED"))
    assert floor.resting() == [("-r1", 104.5)]
    floor.compare()

    floor.quote(104)
    floor.until(lambda: floor.held == 0)
    assert (floor.look(), floor.resting(), floor.desk.status) == ("FLAT", [], "RUNNING")
    floor.compare()


@pytest.mark.parametrize(
    ("kind", "limit", "stop", "price"),
    [("LIMIT", 99, None, 98.5), ("STOP", None, 101, 101.5), ("STOP_LIMIT", 102, 101, 101.5)],
)
def test_an_order_with_prices_rests_at_alpaca_as_it_was_asked_for(
    floor: Floor, kind: str, limit: int | None, stop: int | None, price: float
) -> None:
    prices = {"limit_price": limit, "stop_price": stop}
    wish = {f"{name}_micros": p * 1_000_000 for name, p in prices.items() if p}
    targets = {"AAA": {"qty": 10, "order_type": kind, **wish}}
    floor.close(2, 100)
    lease = floor.desk.lease("strategist")
    floor.desk.call("io.plan_intents", **lease, targets=targets, now_at=floor.desk.now)
    floor.desk.tick("gateway")
    floor.until(lambda: floor.desk.one("select order_status from oms.orders") == "ACCEPTED")
    shown = floor.simulator.api("GET", "/v2/orders").json()[0]
    assert shown["type"] == kind.lower()
    assert {name: shown[name] and float(shown[name]) for name in prices} == prices
    floor.compare()
    floor.quote(price)
    floor.until(lambda: floor.held == 10)
    floor.compare()


def test_a_cancel_at_alpaca_is_done_when_its_event_comes(floor: Floor) -> None:
    floor.simulator.control("set", auto=False)
    floor.close(2, 100)
    lease = floor.desk.lease("strategist")
    floor.desk.call("io.plan_intents", **lease, targets={"AAA": 10}, now_at=floor.desk.now)
    floor.desk.tick("gateway")
    status = "select order_status from oms.orders"
    floor.until(lambda: floor.desk.one(status) == "ACCEPTED")
    floor.desk.act("orders_cancel_all", run_id=floor.desk.run_id, reason="going home")
    floor.desk.tick("gateway")
    floor.until(lambda: floor.desk.one(status) == "CANCELED")
    floor.compare()


def test_a_stop_whose_replace_the_broker_refuses_afterwards_is_as_it_was(floor: Floor) -> None:
    floor.close(2, 100)
    lease = floor.desk.lease("strategist")
    floor.desk.call("io.plan_intents", **lease, targets={"AAA": 10}, now_at=floor.desk.now)
    floor.desk.tick("gateway")
    floor.until(lambda: floor.held == 10)
    assert floor.look() == "STOP"
    floor.until(lambda: floor.stop_is("ACCEPTED"))
    floor.quote(110)
    floor.close(3, 110)
    floor.simulator.faults("replace_rejected", method="PATCH", path="/v2/orders/*")
    assert floor.look() == "TIGHTENED"
    floor.until(lambda: floor.stop_is("ACCEPTED", "FAILED"))
    assert [price for _, price in floor.resting()] == [95.0]
    floor.compare()
    assert floor.desk.status == "RUNNING"
