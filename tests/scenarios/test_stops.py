"""Laws of the protective stop: what is held has one stop resting at the broker, only ever tighter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from kit import GIVEN, Desk
from mqk.brokers import Refused

ALL = ("marketdata", "broker_events", "snapshots")
BPS = 500


@pytest.fixture
def desk(db: Any) -> Iterator[Desk]:
    """A running desk whose strategy asks for a stop 5 % behind the last close."""
    made = Desk(db.url, strategy={**GIVEN, "protective_stop_bps": BPS})
    made.start()
    yield made
    assert made.broken_promises() == []
    made.conn.close()


def plan(desk: Desk, **targets: int) -> None:
    """The strategy's decision on the last bar."""
    lease = desk.lease("strategist")
    desk.call("io.plan_intents", **lease, targets=targets, now_at=desk.now)


def look(desk: Desk) -> dict[str, str]:
    """Let the stops be looked after, and what follows happen; give what was done."""
    rows = desk.call("io.plan_stops", **desk.lease("strategist"), now_at=desk.now)
    desk.tick("gateway", "broker_events")
    return {row["symbol"]: row["done"] for row in rows}


def close(desk: Desk, index: int, price: Any, **ohlc: Any) -> None:
    """Session `index` closes with AAA at this price, and everything but the strategy ticks."""
    desk.close(index, ticks=ALL, AAA={"close": price, "open": price, "high": price, "low": price,
                                      **ohlc}, BBB=50)  # fmt: skip


def held(desk: Desk) -> int:
    """Position in AAA."""
    return int(desk.value("ledger.get_position_qty", run_id=desk.run_id, symbol="AAA"))


def stops(desk: Desk) -> list[tuple[int, str, str]]:
    """Resting stops at the broker: signed shares, price, status."""
    rows = desk.sql(
        "select order_qty, stop_price_micros / 10000 as cents, order_status from sim.orders"
        " where order_type = 'STOP' order by submitted_at, client_order_id"
    )
    return [(r["order_qty"], f"{r['cents'] / 100:.2f}", r["order_status"]) for r in rows]


def own(desk: Desk, shares: int = 10) -> None:
    """Own AAA, bought at 100, with its stop resting."""
    close(desk, 2, 100)
    plan(desk, AAA=shares)
    desk.tick("gateway")
    close(desk, 3, 100)
    assert (held(desk), look(desk)) == (shares, {"AAA": "STOP"})


def test_a_position_gets_one_stop_for_the_shares_held(desk: Desk) -> None:
    own(desk)
    assert stops(desk) == [(-10, "95.00", "ACCEPTED")]
    assert look(desk) == {"AAA": "RESTING"}
    assert len(stops(desk)) == 1


def test_a_second_live_stop_cannot_exist(desk: Desk) -> None:
    own(desk)
    with pytest.raises(psycopg.errors.IntegrityError) as no:
        desk.sql(
            "insert into oms.orders (run_id, order_id, intent_id, account_id, client_order_id, symbol,"
            " order_qty, order_type, stop_price_micros, time_in_force, order_status, status_seq,"
            " cum_qty, working_qty, gap_qty, pending_op, created_at) select run_id,"
            " gen_random_uuid(), gen_random_uuid(), account_id, 'TEST_' || repeat('0', 32), symbol,"
            " order_qty, order_type, 1, 'GTC', 'NEW', 1, 0, working_qty, 0, 'NONE', created_at"
            " from oms.orders where order_type = 'STOP'"
        )
    assert no.value.diag.constraint_name == "one_live_stop_per_position"


@pytest.mark.parametrize(
    ("price", "rests", "done"),
    [(110, "104.50", "TIGHTENED"), (100, "95.00", "RESTING"), (98, "95.00", "RESTING")],
)
def test_a_stop_follows_the_close_and_only_tightens(
    desk: Desk, price: int, rests: str, done: str
) -> None:
    own(desk)
    close(desk, 4, price)
    assert look(desk) == {"AAA": done}
    assert stops(desk) == [(-10, rests, "ACCEPTED")]
    kinds = desk.sql("select request_kind, outbox_status from oms.outbox order by outbox_id")
    wanted = [("REPLACE", "ACKED")] if done == "TIGHTENED" else []
    assert [tuple(k.values()) for k in kinds[2:]] == wanted


def test_a_short_position_has_its_stop_above_and_it_only_comes_down(db: Any) -> None:
    made = Desk(db.url, strategy={**GIVEN, "protective_stop_bps": BPS}, risk={"allow_short": True})
    made.start()
    close(made, 2, 100)
    plan(made, AAA=-10)
    made.tick("gateway")
    close(made, 3, 100)
    look(made)
    assert stops(made) == [(10, "105.00", "ACCEPTED")]
    for index, price, rests in ((4, 102, "105.00"), (5, 90, "94.50")):
        close(made, index, price)
        look(made)
        assert stops(made) == [(10, rests, "ACCEPTED")]
    made.conn.close()


@pytest.mark.parametrize(
    ("bar", "price"),
    [({"low": 95, "open": 99, "high": 99}, 95), ({"low": 90, "open": 92, "high": 92}, 92)],
    ids=["touched", "gapped through"],
)
def test_a_stop_that_is_hit_closes_the_position_and_the_bar_may_not_buy_it_back(
    desk: Desk, bar: Mapping[str, Any], price: int
) -> None:
    own(desk)
    close(desk, 4, bar["low"], **bar)
    assert held(desk) == 0
    assert desk.one("select price_micros from ledger.fills order by fill_seq desc") == price * 10**6
    assert look(desk) == {"AAA": "FLAT"}
    assert desk.status == "RUNNING"


def test_a_position_is_closed_only_after_its_stop_is_out_of_the_way(desk: Desk) -> None:
    own(desk)
    close(desk, 4, 100)
    plan(desk, AAA=0)
    assert desk.one("select outcome from oms.deferrals") == "WAITING"
    assert look(desk) == {"AAA": "WAITING"}  # the cancel is on its way
    assert stops(desk) == [(-10, "95.00", "CANCELED")]
    look(desk)  # the stop has gone: the target is resumed
    assert desk.one("select outcome from oms.deferrals") == "RESUMED"
    close(desk, 5, 100)
    assert (held(desk), look(desk), desk.status) == (0, {"AAA": "FLAT"}, "RUNNING")


def test_a_target_that_waited_is_dropped_once_a_newer_one_was_decided(desk: Desk) -> None:
    own(desk)
    close(desk, 4, 100)
    plan(desk, AAA=0)
    desk.tick("gateway", "broker_events")  # the stop has gone, and nobody looked after it
    close(desk, 5, 100)
    plan(desk, AAA=25)
    look(desk)
    assert desk.one("select outcome from oms.deferrals") == "DROPPED"
    close(desk, 6, 100)
    assert held(desk) == 25


def test_adding_to_a_position_ends_with_one_stop_for_all_shares(desk: Desk) -> None:
    own(desk)
    close(desk, 4, 100)
    plan(desk, AAA=25)
    look(desk)
    look(desk)
    close(desk, 5, 100)
    assert (held(desk), look(desk)) == (25, {"AAA": "STOP"})
    assert stops(desk) == [(-10, "95.00", "CANCELED"), (-25, "95.00", "ACCEPTED")]
    assert desk.one("select count(*) from risk.rejects") == 0


def test_a_target_is_dropped_when_the_stop_was_hit_while_it_waited(desk: Desk) -> None:
    own(desk)
    close(desk, 4, 100)
    plan(desk, AAA=25)
    close(desk, 5, 94, open=99, high=99)
    look(desk)
    assert desk.one("select outcome from oms.deferrals") == "DROPPED"
    assert held(desk) == 0
    assert desk.one("select count(*) from oms.intents where leg = 'TARGET'") == 1


class NoStops:
    """A broker that takes no stop orders."""

    def __init__(self, broker: Any) -> None:
        self.broker = broker

    def __getattr__(self, name: str) -> Any:
        return getattr(self.broker, name)

    def submit(self, permit: Mapping[str, Any]) -> str:
        """Refuse stops, pass everything else on."""
        if permit["order_type"] == "STOP":
            raise Refused("stop orders are not supported")
        return str(self.broker.submit(permit))


def test_a_position_that_cannot_be_protected_is_closed_and_the_run_halted(desk: Desk) -> None:
    close(desk, 2, 100)
    plan(desk, AAA=10)
    desk.tick("gateway")
    close(desk, 3, 100)
    desk.ticks["gateway"].broker = NoStops(desk.broker)  # type: ignore[assignment]
    assert [look(desk)["AAA"] for _ in range(3)] == ["STOP", "STOP", "FLATTEN"]
    close(desk, 4, 100)
    assert (held(desk), desk.status) == (0, "RUNNING")
    look(desk)
    assert desk.halt_reason == "UNPROTECTED: AAA was closed, no stop could rest"


def test_a_stop_that_the_broker_does_not_show_halts(desk: Desk) -> None:
    own(desk)
    for _ in range(2):
        desk.clock.move_to(desk.now + timedelta(seconds=10))
        document = {**desk.broker.snapshot(), "orders": []}
        lease = desk.lease("snapshots")
        desk.call("io.submit_snapshot", **lease, document=document, now_at=desk.now)
    assert desk.one("select drift_kind from recon.drifts limit 1") == "MISSING_STOP"
    assert desk.halt_reason.startswith("RECON")


def test_a_stop_is_left_alone_while_a_change_of_it_is_pending(desk: Desk) -> None:
    own(desk)
    close(desk, 4, 110)
    lease = desk.lease("strategist")
    done = [desk.call("io.plan_stops", **lease, now_at=desk.now)[0]["done"] for _ in range(2)]
    assert done == ["TIGHTENED", "WAITING"]
    assert desk.one("select count(*) from oms.outbox where request_kind = 'REPLACE'") == 1
    desk.tick("gateway", "broker_events")


def test_a_run_that_does_not_run_places_no_stop(desk: Desk) -> None:
    close(desk, 2, 100)
    plan(desk, AAA=10)
    desk.tick("gateway")
    close(desk, 3, 100)
    desk.act("run_halt", run_id=desk.run_id, reason="fire")
    assert (held(desk), look(desk), stops(desk)) == (10, {}, [])


def test_a_halt_leaves_the_stop_resting(desk: Desk) -> None:
    own(desk)
    desk.act("run_halt", run_id=desk.run_id, reason="fire")
    desk.tick("gateway", "broker_events")
    assert stops(desk) == [(-10, "95.00", "ACCEPTED")]


def test_a_stop_is_for_the_shares_that_are_left_and_does_not_outlive_them(desk: Desk) -> None:
    desk.sql("update sim.accounts set split_above_qty = 100")
    own(desk, 400)
    name = desk.one("select client_order_id from oms.orders where order_type = 'MARKET'")
    bought = desk.sql("select execution_id, fill_qty from ledger.fills order by fill_seq")
    assert [fill["fill_qty"] for fill in bought] == [200, 200]
    for fill, left in zip(bought, ("STOP", "FLAT"), strict=True):
        bust = {"previous_execution_id": fill["execution_id"], "message_id": fill["execution_id"]}
        desk.receive(desk.event(name, "trade_bust", **bust))
        assert [look(desk)["AAA"] for _ in range(2)] == ["REQUESTED", left]
    assert sorted(stops(desk)) == [(-400, "95.00", "CANCELED"), (-200, "95.00", "CANCELED")]


def test_a_strategy_that_asks_for_no_stop_gets_none(given_desk: Desk) -> None:
    close(given_desk, 2, 100)
    plan(given_desk, AAA=10)
    given_desk.tick("gateway")
    close(given_desk, 3, 100)
    assert (look(given_desk), stops(given_desk)) == ({}, [])


def test_a_position_without_its_stop_is_seen(desk: Desk) -> None:
    own(desk)
    desk.clock.move_to(desk.now + timedelta(minutes=1))
    look(desk)
    desk.sql("set session_replication_role = replica")
    desk.sql("update oms.orders set order_status = 'CANCELED' where order_type = 'STOP'")
    assert "a_position_has_its_stop" in " ".join(desk.broken_promises())
    desk.sql("update oms.orders set order_status = 'ACCEPTED' where order_type = 'STOP'")
    desk.sql("set session_replication_role = origin")
