"""Laws of orders with prices: LIMIT, STOP and STOP_LIMIT targets of a strategy, on the desk."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import psycopg
import pytest

from kit import GIVEN, Desk
from lab_kit import Lab, Stepped
from mqk.config.load import merge
from mqk.errors import MqkError
from mqk.strategies import Context, Target, Wish
from parity_kit import ParityDesk, draw_guarded_orders, draw_orders
from support import SERVER, Database

ALL = ("marketdata", "broker_events", "snapshots")
LIMIT = {"order_type": "LIMIT", "limit_price_micros": 99_000_000}
STOP = {"order_type": "STOP", "stop_price_micros": 101_000_000}
BOTH = {**LIMIT, **STOP, "order_type": "STOP_LIMIT"}


def desk_of(db: Database, stop_bps: int) -> Iterator[Desk]:
    """A running desk, with a protective stop or without one."""
    made = Desk(db.url, strategy={**GIVEN, "protective_stop_bps": stop_bps})
    made.start()
    yield made
    assert made.broken_promises() == []
    made.conn.close()


@pytest.fixture
def desk(db: Database) -> Iterator[Desk]:
    """A running desk."""
    yield from desk_of(db, 0)


@pytest.fixture
def guarded(db: Database) -> Iterator[Desk]:
    """A running desk whose strategy asks for a protective stop."""
    yield from desk_of(db, 500)


def close(desk: Desk, index: int, **bar: Any) -> None:
    """Session `index` closes with AAA at 100, and everything but the strategy ticks."""
    flat = {"open": 100, "high": 100, "low": 100, "close": 100}
    desk.close(index, ticks=ALL, AAA={**flat, **bar}, BBB=50)


def plan(desk: Desk, **targets: Any) -> list[dict[str, Any]]:
    """The strategy's decision on the last bar, and what follows from it at once."""
    lease = desk.lease("strategist")
    rows = desk.call("io.plan_intents", **lease, targets=targets, now_at=desk.now)
    for _ in range(3):
        desk.call("io.plan_stops", **lease, now_at=desk.now)
        desk.tick("gateway", "broker_events")
    return rows


def orders(desk: Desk, table: str = "oms.orders") -> list[tuple[Any, ...]]:
    """Type, shares, prices in dollars, status: of ours, or of the paper broker's."""
    rows = desk.sql(
        "select order_type, order_qty, limit_price_micros / 1000000 as l,"
        f" stop_price_micros / 1000000 as s, order_status from {table} order by "
        + ("created_at, order_id" if table == "oms.orders" else "submitted_at, broker_order_id")
    )
    return [tuple(row.values()) for row in rows]


@pytest.mark.parametrize(
    ("terms", "prices"), [(LIMIT, (99, None)), (STOP, (None, 101)), (BOTH, (99, 101))]
)
def test_a_target_goes_out_by_the_order_it_asks_for(
    desk: Desk, terms: dict[str, Any], prices: tuple[Any, ...]
) -> None:
    close(desk, 2)
    assert plan(desk, AAA={"qty": 10, **terms})[0]["verdict"] == "ALLOW"
    expected = [(terms["order_type"], 10, *prices, "ACCEPTED")]
    assert orders(desk) == orders(desk, "sim.orders") == expected


@pytest.mark.parametrize(
    ("terms", "bar", "price"),
    [
        (LIMIT, {"open": 98, "low": 98}, 98),  # what the market takes, when that is better
        (LIMIT, {"low": 98}, 99),
        (LIMIT, {"low": 99}, None),  # a touch is not enough
        (STOP, {"high": 102}, 101),
        (STOP, {"high": 101}, 101),
        (STOP, {"open": 103, "high": 104}, 103),  # a gap is filled at the open
        (STOP, {"high": 100.99}, None),
        (BOTH, {"high": 102, "low": 98}, None),  # what came first is not known
        (BOTH, {"open": 103, "high": 104, "low": 98}, 99),  # the stop did: then the limit
    ],
)
def test_an_order_fills_as_its_prices_say_or_ends_with_the_day(
    db: Database, terms: dict[str, Any], bar: dict[str, Any], price: float | None
) -> None:
    free = {"fill_profile": "next_open", "slippage_bps": 0, "volatility_mult_bps": 0}
    desk = Desk(db.url, strategy=GIVEN, execution=free)
    desk.start()
    close(desk, 2)
    plan(desk, AAA={"qty": 10, **terms})
    close(desk, 3, **bar)
    fills = [row["price_micros"] for row in desk.sql("select price_micros from ledger.fills")]
    assert fills == ([] if price is None else [round(price * 1_000_000)])
    assert orders(desk)[0][-1] == ("EXPIRED" if price is None else "FILLED")
    assert desk.broken_promises() == []
    desk.conn.close()


@pytest.mark.parametrize(
    "wish",
    [
        {"qty": 10, "order_type": "LIMIT"},
        {"qty": 10, "order_type": "MARKET", "limit_price_micros": 99_000_000},
        {"qty": 10, "order_type": "STOP", "limit_price_micros": 99_000_000},
        {"qty": 10, **LIMIT, "stop_price_micros": 99_000_000},
        {"qty": 10, **LIMIT, "limit_price_micros": 99_005_000},  # half a cent
        {"qty": 10, **LIMIT, "limit_price_micros": 0},
        {"qty": 10, **LIMIT, "limit_price_micros": -99_000_000},
        {"qty": 10, **LIMIT, "limit_price_micros": "cheap"},
        {"qty": 10, **LIMIT, "time_in_force": "GTC"},
        {"qty": 10.5, **LIMIT},
        {"qty": 10, "order_type": "PEG"},
        LIMIT,
        [10],
        None,
    ],
)
def test_a_target_whose_prices_do_not_belong_to_its_type_is_refused(desk: Desk, wish: Any) -> None:
    close(desk, 2)
    with pytest.raises(MqkError, match="MQA08"):
        plan(desk, AAA=wish)
    assert desk.one("select count(*) from strat.decisions") == 0


@pytest.mark.parametrize(
    ("change", "law"),
    [
        ("order_type = 'PEG', limit_price_micros = null", "targets_type_is_known"),
        ("order_type = 'STOP', limit_price_micros = null", "targets_that_stop_have_a_stop"),
        ("order_type = 'MARKET'", "targets_that_are_limited_have_a_limit"),
        ("limit_price_micros = 99005000", "targets_limit_is_on_a_tick"),
        ("limit_price_micros = 0", "targets_prices_are_bounded"),
        (
            "order_type = 'STOP_LIMIT', stop_price_micros = 99005000",
            "targets_stop_is_on_a_tick",
        ),
    ],
)
def test_a_target_with_other_prices_cannot_be_stored(desk: Desk, change: str, law: str) -> None:
    close(desk, 2)
    plan(desk, AAA={"qty": 10, **LIMIT})
    with pytest.raises(psycopg.errors.CheckViolation, match=law), desk.conn.transaction():
        desk.sql("alter table strat.targets disable trigger _900_refuse_change")
        desk.sql(f"update strat.targets set {change} where symbol = 'AAA'")


def draw_minutes(random: Random) -> dict[str, Any]:
    """Five-minute bars of one symbol, and nothing that denies."""
    return merge(
        draw_orders(random),
        {
            "data": {"timeframe": "5m"},
            "execution": {"participation_bps": 10000, "split_above_qty": 1000000},
            "strategy": {"symbols": ["AAA"]},
            "risk": {"price_collar_bps": 5000, "max_order_qty": 5000},
        },
    )


def step(desk: ParityDesk, tick: int, **bar: Any) -> None:
    """The next bar, a random one if nothing is said of it."""
    desk.draw_bars(tick)
    for row in desk.market.rows[-3:] if bar else ():
        row.update({name: str(value) for name, value in bar.items()})
    desk.clock.move_to(desk.end_of(tick))
    desk.tick(*ALL)


def test_a_target_with_other_terms_replaces_what_rests(db: Database) -> None:
    desk = ParityDesk(db.url, 0, draw=draw_minutes)
    desk.begin()
    for n, dollars in enumerate((70, 70, 71)):  # far from the market: nothing fills
        step(desk, desk.first + n)
        far = {"order_type": "LIMIT", "limit_price_micros": dollars * 1_000_000}
        plan(desk, AAA={"qty": 10, **far})
        assert [row[-1] for row in orders(desk)].count("ACCEPTED") == 1
    assert [row[-1] for row in orders(desk)] == ["CANCELED", "ACCEPTED"]  # the same terms went on
    assert desk.one("select array_agg(outcome) from oms.deferrals") == ["RESUMED"]
    step(desk, desk.first + 3)
    plan(desk, AAA=10)
    assert [row[0] for row in orders(desk)] == ["LIMIT", "LIMIT", "MARKET"]
    step(desk, desk.first + 4)
    plan(desk, AAA={"qty": 10, "order_type": "LIMIT", "limit_price_micros": 70_000_000})
    assert len(orders(desk)) == 3  # there is nothing more to do
    assert desk.broken_promises() == []
    desk.conn.close()


def test_a_stop_that_was_touched_is_triggered_for_good(db: Database) -> None:
    desk = ParityDesk(db.url, 0, draw=draw_minutes)
    desk.begin()
    step(desk, desk.first)
    plan(desk, AAA={"qty": 10, "order_type": "STOP", "stop_price_micros": 130_000_000})
    calm = {"open": 100, "high": 101, "low": 99, "close": 100}
    held = []
    for n, bar in enumerate(({"volume": 9}, {"high": 131, "volume": 4}, {"volume": 9}), 1):
        step(desk, desk.first + n, **{**calm, **bar})
        held.append(desk.value("ledger.get_position_qty", run_id=desk.run_id, symbol="AAA"))
    assert held == [0, 4, 10]
    assert desk.broken_promises() == []
    desk.conn.close()


def test_only_the_stop_that_protects_outlives_the_day(desk: Desk) -> None:
    close(desk, 2)
    plan(desk, AAA={"qty": 10, **LIMIT})
    law = "orders_that_outlive_the_day_protect"
    with pytest.raises(psycopg.errors.CheckViolation, match=law), desk.conn.transaction():
        desk.sql("alter table oms.orders disable trigger user")
        desk.sql("update oms.orders set time_in_force = 'GTC'")


def test_the_prices_of_an_order_are_judged(desk: Desk) -> None:
    close(desk, 2)
    far = {"order_type": "LIMIT", "limit_price_micros": 84_000_000}
    assert plan(desk, AAA={"qty": 10, **far})[0]["rule"] == "PRICE_COLLAR"
    assert orders(desk) == []


def test_beside_a_protective_stop_orders_with_prices_only_open(guarded: Desk) -> None:
    close(guarded, 2)
    plan(guarded, AAA={"qty": 10, **LIMIT})
    close(guarded, 3, low=98)
    exits = {"order_type": "LIMIT", "limit_price_micros": 103_000_000}
    plan(guarded, AAA=10)
    assert orders(guarded)[-1][0] == "STOP"
    close(guarded, 4)
    assert plan(guarded, AAA={"qty": 0, **exits})[0]["rule"] == "PROTECTED_POSITION"
    assert [row[0] for row in orders(guarded, "sim.orders") if row[-1] == "ACCEPTED"] == ["STOP"]
    close(guarded, 5)
    plan(guarded, AAA=0)
    close(guarded, 6)
    assert guarded.value("ledger.get_position_qty", run_id=guarded.run_id, symbol="AAA") == 0


def test_every_order_type_fills_and_expires_where_parity_is_shown() -> None:
    seen = set()
    for seed, draw in ((1, draw_orders), (8, draw_orders), (8, draw_guarded_orders)):
        with SERVER.clone() as db:
            desk = ParityDesk(db.url, seed, draw=draw)
            desk.play()
            seen |= {
                (row["order_type"], row["order_status"])
                for row in desk.sql(
                    "select order_type, order_status from oms.orders where time_in_force = 'DAY'"
                )
            }
            rules = {row["rule"] for row in desk.sql("select rule from risk.decisions")}
            waits = {row["outcome"] for row in desk.sql("select outcome from oms.deferrals")}
            desk.conn.close()
    assert seen >= {
        (kind, end)
        for kind in ("LIMIT", "STOP", "STOP_LIMIT")
        for end in ("FILLED", "EXPIRED", "CANCELED")
    }
    assert "PROTECTED_POSITION" in rules
    assert "RESUMED" in waits


def test_a_backtest_asked_tick_by_tick_hears_of_prices(db: Database) -> None:
    def decide(context: Context) -> dict[str, Wish]:
        mark = context.bars["AAA"][-1].close_micros // 10_000 * 10_000
        if len(context.bars["AAA"]) % 3 == 0:
            return {"CCC": 5}
        return {
            "AAA": Target(50, "LIMIT", mark - 10_000),
            "BBB": Target(20, "STOP", None, 50_500_000),
        }

    lab = Lab(db.url, ticks=30)
    play = lab.play(Stepped(decide))
    kinds = "select count(distinct order_type) from lab.list_orders(%s)"
    assert lab.one(kinds, play.row["backtest_id"]) == 3
    assert lab.prove(play)["verdict"] == "CLEAN"
    lab.conn.close()


PRICED = """create function strat.decide_priced(p_context jsonb)
returns table (symbol text, target_qty bigint, order_type text, limit_price_micros bigint,
               stop_price_micros bigint) language sql stable
as $$select 'AAA', 50, 'LIMIT', (p_context #>> '{bars,AAA,-1,5}')::bigint / 10000 * 10000, null::bigint
      union all select 'BBB', 20, 'MARKET', null, null$$"""


def test_a_strategy_in_sql_asks_for_orders_as_one_in_python_does(db: Database) -> None:
    def decide(context: Context) -> dict[str, Wish]:
        mark = context.bars["AAA"][-1].close_micros // 10_000 * 10_000
        return {"AAA": Target(50, "LIMIT", mark), "BBB": Target(20)}

    lab = Lab(db.url, ticks=20)
    lab.sql(PRICED)
    facts = lab.facts(lab.play("priced"))
    assert facts == lab.facts(lab.play(Stepped(decide)))
    assert any("limit" in row["fact"] for row in facts)
    lab.conn.close()
