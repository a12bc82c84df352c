"""Laws of splits in a backtest: what a strategy is shown and asked is in the shares of its moment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from random import Random
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from actions_kit import announce
from lab_kit import Lab, Splits, Stepped, closes_of
from mqk.backtesting import POISONS, open_play
from mqk.cli.main import main
from mqk.config.load import canonical, merge
from mqk.db import call_value, connect
from mqk.strategies import Context
from mqk.strategies.mean_reversion import MeanReversion
from mqk.strategies.sma_trend import SmaTrend
from promotion_kit import WaveDesk
from support import SERVER, Database

RATIOS = ((2, 1), (3, 2), (7, 5), (1, 3), (1, 10), (20, 1))
TREND = {"fast_bars": 2, "slow_bars": 5, "weight_bps": 2000}
DIP = {"window_bars": 4, "entry_bps": 200, "exit_bps": 20, "weight_bps": 2000}
SQL_STEP = """create function strat.decide_one_by_one(p_context jsonb)
returns table (symbol text, target_qty bigint) language sql stable
as 'select d.symbol, d.target_qty from strat.decide_sma_trend_sql(p_context) as d'"""
DESK_SHOWS = """
    select jsonb_object_agg(s.symbol, (
               select jsonb_agg(jsonb_build_array(
                          a.session_on, core.format_iso(a.bar_end_at), a.open_micros, a.high_micros,
                          a.low_micros, a.close_micros, a.volume) order by a.bar_end_at)
                 from md.list_adjusted_bars_as_of(s.symbol, %s, 7, %s, %s, %s) as a)) as bars
      from unnest(%s::text[]) as s (symbol)
"""


def draw_splits(seed: int, sessions: int, many: int) -> Splits:
    """Random splits of the three symbols of a laboratory."""
    random = Random(seed)
    days = [(symbol, day) for symbol in ("AAA", "BBB", "CCC") for day in range(1, sessions)]
    return {day: random.choice(RATIOS) for day in random.sample(days, many)}


@pytest.mark.parametrize("adjustment", ["SPLITS", "RAW"])
@pytest.mark.parametrize("timeframe", ["1D", "5m"])
def test_what_is_shown_over_splits_is_what_the_desk_would_show(
    db: Database, timeframe: str, adjustment: str
) -> None:
    seen: list[Context] = []

    def decide(context: Context) -> Mapping[str, int]:
        seen.append(context)
        return {s: 10 * len(bars) for s, bars in context.bars.items() if len(seen) % 3}

    ticks = 30 if timeframe == "1D" else 100
    splits = draw_splits(1, 30, 8) if timeframe == "1D" else draw_splits(1, 2, 3)
    lab = Lab(db.url, timeframe=timeframe, holes=timeframe != "1D", ticks=ticks, splits=splits)
    lab.config = merge(lab.config, {"data": {"adjustment": adjustment}})
    play = lab.play(Stepped(decide), 7, any=1)
    test = play.row["backtest_id"]
    numbers = {
        row["bar_end_at"]: row["tick_no"]
        for row in play.call("api.backtest_ticks", backtest_id=test)
    }
    split = lab.sql("select * from lab.adjustments where held_qty <> 0")
    assert len(split) > 1
    for context in seen[:: 1 if timeframe == "1D" else 5]:
        held = [context.positions[symbol] for symbol in lab.symbols]
        document = lab.one(
            "select lab.build_context(b, %s, 7, %s, %s) from lab.backtests as b where backtest_id = %s",
            numbers[context.bar_end_at], held, context.equity_micros, test,
        )  # fmt: skip
        end = context.bar_end_at
        shown = lab.one(DESK_SHOWS, timeframe, adjustment, end, end, lab.symbols)
        assert document["bars"] == shown
        assert Context.from_json(document) == context
    lab.conn.close()


@pytest.mark.parametrize("seed", range(4))
def test_signals_in_one_go_over_splits_do_what_on_bar_would_have_done(
    db: Database, seed: int
) -> None:
    daily = seed % 2 == 0
    lab = Lab(
        db.url,
        seed,
        timeframe="1D" if daily else "5m",
        holes=not daily,
        ticks=50 if daily else 120,
        splits=draw_splits(seed, 50, 12) if daily else draw_splits(seed, 2, 3),
    )
    lab.sql(SQL_STEP)
    for one, knobs in ((SmaTrend(), TREND), (MeanReversion(), DIP)):
        bulk = lab.play(one, 8, **knobs)
        steps = lab.play(Stepped(one.on_bar), 8, **knobs)
        assert lab.facts(bulk) == lab.facts(steps)
    in_one_go, one_by_one = (lab.play(name, 8, **TREND) for name in ("sma_trend_sql", "one_by_one"))
    python = lab.play(SmaTrend(), 8, **TREND)
    assert lab.facts(in_one_go) == lab.facts(one_by_one) == lab.facts(python)
    assert lab.one("select count(*) from lab.adjustments where held_qty <> 0") > 0
    lab.conn.close()


def test_a_split_is_no_reason_to_trade(db: Database) -> None:
    lab = Lab(db.url, ticks=30, splits={("AAA", 10): (2, 1), ("BBB", 20): (1, 2)})
    owned = lambda c: {s: q or 100 for s, q in c.positions.items() if s != "CCC"}  # noqa: E731
    play = lab.play(Stepped(owned))
    rows = lab.sql("select symbol_no, held_qty, new_qty from lab.adjustments order by tick_no")
    assert [row["symbol_no"] for row in rows] == [1, 2]
    assert [row["new_qty"] for row in rows] == [2 * rows[0]["held_qty"], rows[1]["held_qty"] // 2]
    assert min(row["held_qty"] for row in rows) > 0
    late = "select count(*) from lab.orders where tick_no between 9 and 30 and backtest_id = %s"
    assert lab.one(late, play.row["backtest_id"]) == 0
    lab.conn.close()


@pytest.mark.parametrize("seed", range(2))
def test_an_honest_strategy_over_splits_is_never_caught(db: Database, seed: int) -> None:
    lab = Lab(db.url, seed, ticks=40, splits=draw_splits(seed, 40, 6))
    for strategy, knobs in ((SmaTrend(), TREND), (MeanReversion(), DIP), ("sma_trend_sql", TREND)):
        proof = lab.prove(lab.play(strategy, **knobs), cuts=4, seed=seed)
        assert (proof["verdict"], proof["violation"]) == ("CLEAN", None)
    proof = lab.prove(lab.play(Stepped(SmaTrend().on_bar), **TREND), cuts=2, seed=seed)
    assert proof["violation"] is None
    lab.conn.close()


def test_a_strategy_that_knows_of_a_split_to_come_is_caught(db: Database) -> None:
    lab = Lab(db.url, ticks=40, splits=draw_splits(3, 40, 8))
    lab.sql(
        "create function lab.signal_cheat(p_backtest lab.backtests) returns void language sql as"
        " 'insert into lab.signals select p_backtest.backtest_id, s.tick_no - 1, s.symbol_no,"
        " ''SHARES'', s.ratio_num from lab.splits as s"
        " where s.dataset_id = p_backtest.dataset_id and s.tick_no > 2'"
    )
    proof = lab.prove(lab.play("cheat"), cuts=8)
    assert proof["verdict"] == "LOOKAHEAD_VIOLATION"
    lab.conn.close()


def test_another_future_has_other_splits_and_the_same_past(db: Database) -> None:
    lab = Lab(db.url, ticks=40, splits=draw_splits(3, 40, 8))
    base = {(r["symbol_no"], r["tick_no"]): r for r in lab.sql("select * from lab.splits")}
    for poison in POISONS:
        rows = lab.sql("select * from lab.poison_splits(%s, 20, %s)", lab.dataset, poison)
        other = {(r["symbol_no"], r["tick_no"]): r for r in rows}
        name = ("ratio_num", "ratio_den")
        past = {k: [r[n] for n in name] for k, r in base.items() if k[1] <= 20}
        assert {k: [r[n] for n in name] for k, r in other.items() if k[1] <= 20} == past
        for key, row in base.items():
            if key[1] > 20:
                now = other.get(key)
                assert now is None or [now[n] for n in name] != [row[n] for n in name]


@pytest.mark.parametrize("kind", ["SLICE", "GAPS", "BEAR", "WILD"])
def test_a_changed_dataset_is_the_same_in_old_and_in_new_shares(kind: str) -> None:
    """To the cents that are lost where a price of new shares is rounded, and doubled."""
    ratios = {("AAA", 7): (2, 1), ("AAA", 15): (1, 4), ("AAA", 25): (5, 1), ("BBB", 15): (2, 1)}
    found = []
    for splits in ({}, ratios):
        with SERVER.clone() as db:
            lab = Lab(db.url, ticks=30, splits=splits)
            derived = lab.one("select lab.derive_dataset(%s, row(%s, 1, 30)::lab.stretch, %s)"
                              if kind != "SLICE" else
                              "select lab.derive_dataset(%s, row(%s, 2, 30)::lab.stretch, %s)",
                              lab.dataset, kind, lab.now)  # fmt: skip
            factors = lab.sql(
                "select f.symbol_no, f.from_tick, f.until_tick, f.price_num, f.price_den"
                " from lab.list_split_factors(array(select s from lab.splits as s"
                " where dataset_id = %s), 30) as f", derived)  # fmt: skip
            closes = []
            for symbol in (1, 2, 3):
                for tick, close in enumerate(
                    lab.one(f"select {closes_of('%s::uuid', str(symbol))}", derived), 1
                ):
                    num, den = 1, 1
                    for row in factors:
                        if (
                            row["symbol_no"] == symbol
                            and row["from_tick"] <= tick < row["until_tick"]
                        ):
                            num, den = row["price_num"], row["price_den"]
                    closes.append(close * num / den)
            found.append(closes)
            lab.conn.close()
    last = {1: 10 / 4, 2: 2, 3: 1}
    assert len(found[0]) == len(found[1])
    many = len(found[0]) // 3
    for n, (old, new) in enumerate(zip(*found, strict=True)):
        ratio = last[n // many + 1]
        assert abs(float(new) * ratio - float(old)) <= 300_000


def test_a_backtest_over_splits_and_dividends_is_rehearsed_through_every_door(
    db: Database,
) -> None:
    desk = WaveDesk(db.url)
    ratios = {("AAA", 8): (2, 1), ("BBB", 9): (1, 3), ("CCC", 12): (3, 2)}
    for (symbol, session), (num, den) in ratios.items():
        announce(desk, session, symbol=symbol, ratio=f"{num}:{den}")
        announce(desk, session, symbol=symbol, amount="0.5", paid=session + 1)
    draw = desk.draw

    def split(tick: int) -> None:
        for symbol in desk.prices:
            num, den = ratios.get((symbol, tick), (1, 1))
            desk.walk[symbol] *= den / num
        draw(tick)

    desk.draw = split  # type: ignore[method-assign]
    desk.load(20)
    text = canonical(merge(desk.config, {"strategy": {"protective_stop_bps": 1000}}))
    test = open_play(desk.conn, desk.clock, text).run(desk.freeze(20))
    assert desk.one("select count(*) from lab.adjustments where held_qty <> 0") > 0
    env = {"MQK_DATABASE_URL": desk.conn.info.dsn}
    words = ["promote", "rehearse", str(test["backtest_id"]), "--json"]
    done = CliRunner().invoke(main, words, env=env)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)[0]["verdict"] == "SAME"
    desk.conn.close()


@pytest.mark.parametrize(
    ("change", "wall"),
    [
        ("update lab.adjustments set new_qty = new_qty + 1", "adjustments_split_what_was_held"),
        ("update lab.adjustments set cash_micros = 1", "adjustments_pay_the_fraction"),
        (
            "update lab.adjustments set ratio_num = 3, new_qty = 3 * held_qty",
            "adjustments_are_of_a_split",
        ),
        ("update lab.splits set ratio_num = 4, ratio_den = 2", "splits_have_a_ratio"),
        ("update lab.splits set tick_no = 1", "splits_come_after_a_bar"),
        (
            "update lab.closes set split_tick = null, cost_micros = cost_micros + 1",
            "closes_cost_the_entry_price_until_a_split",
        ),
    ],
)
def test_what_no_split_can_have_done_cannot_be_stored(db: Database, change: str, wall: str) -> None:
    lab = Lab(db.url, ticks=20, splits={("AAA", 10): (2, 1)})
    lab.play(Stepped(lambda c: {"AAA": 100 if c.bar_end_at < lab_end(lab, 15) else 0}))
    with pytest.raises(psycopg.Error, match="history is not rewritten"):
        lab.sql(change)
    for table in ("adjustments", "splits", "closes"):
        lab.sql(f"alter table lab.{table} disable trigger _900_refuse_change")
    with pytest.raises(psycopg.Error) as no:
        lab.sql(change)
    assert no.value.diag.constraint_name == wall
    lab.conn.close()


@pytest.mark.parametrize(
    ("held", "ratio", "micros"),
    [
        (7, (3, 2), 33_333_333),
        (-7, (3, 2), -33_333_334),
        (8, (3, 2), 0),
        (9, (1, 10), 900_000_000),
        (-11, (1, 10), -100_000_000),
        (0, (1, 10), 0),
    ],
)
def test_a_fraction_is_paid_and_rounded_against_us_long_or_short(
    db: Database, held: int, ratio: tuple[int, int], micros: int
) -> None:
    with connect(db.url, "test") as conn:
        terms = {"held_qty": held, "ratio_num": ratio[0], "ratio_den": ratio[1]}
        assert call_value(conn, "sim.compute_lieu", **terms, price_micros=100_000_000) == micros
        none = call_value(conn, "sim.compute_lieu", **terms, price_micros=None)
        assert none == (0 if micros == 0 else None)


@pytest.mark.parametrize(
    ("side", "ratio", "cents"),
    [(1, (3, 1), 34), (-1, (3, 1), 33), (1, (1, 2), 200), (-1, (2, 1), 50)],
)
def test_a_stop_of_before_a_split_goes_to_the_tight_side(
    db: Database, side: int, ratio: tuple[int, int], cents: int
) -> None:
    with connect(db.url, "test") as conn:
        found = call_value(
            conn, "oms.restate_stop", stop_micros=1_000_000, side=side, num=ratio[0], den=ratio[1]
        )
        assert found == cents * 10_000


def lab_end(lab: Lab, session: int) -> Any:
    """The end of a session's bar."""
    return lab.one("select closes_at from ref.sessions where session_on = %s", lab.days[session])
