"""Laws of strategies in a backtest: however one is asked, it does what it would have done bar by bar."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit import Desk
from lab_kit import Bulk, Lab, Stepped
from mqk.backtesting import Play
from mqk.config.load import canonical
from mqk.errors import MqkError
from mqk.strategies import Context, Strategy
from mqk.strategies.mean_reversion import MeanReversion
from mqk.strategies.sma_trend import SmaTrend
from mqk.workers.strategist import announce, wire
from support import SERVER, Database

SQL_STEP = """create function strat.decide_one_by_one(p_context jsonb)
returns table (symbol text, target_qty bigint) language sql stable
as 'select d.symbol, d.target_qty from strat.decide_sma_trend_sql(p_context) as d'"""
FAILS = settings(
    max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)


@given(
    seed=st.integers(1, 10**6),
    daily=st.booleans(),
    fast=st.integers(1, 3),
    slow=st.integers(3, 7),
    weight=st.sampled_from([500, 2000, 6000, 9000]),
    window=st.integers(2, 12),
    band=st.integers(0, 300),
)
@FAILS
def test_signals_in_one_go_do_what_on_bar_would_have_done(
    seed: int, daily: bool, fast: int, slow: int, weight: int, window: int, band: int
) -> None:
    trend = {"fast_bars": fast, "slow_bars": slow + 1, "weight_bps": weight}
    dip = {"window_bars": slow, "entry_bps": band + 50, "exit_bps": band, "weight_bps": weight}
    with SERVER.clone() as db:
        lab = Lab(db.url, seed, timeframe="1D" if daily else "5m", holes=not daily, ticks=50)
        lab.sql(SQL_STEP)
        for one, parameters in ((SmaTrend(), trend), (MeanReversion(), dip)):
            bulk = lab.play(one, window, **parameters)
            steps = lab.play(Stepped(one.on_bar), window, **parameters)
            assert lab.facts(bulk) == lab.facts(steps)
        in_one_go = lab.play("sma_trend_sql", slow + window, **trend)
        one_by_one = lab.play("one_by_one", slow + window, **trend)
        python = lab.play(SmaTrend(), slow + window, **trend)
        assert lab.facts(in_one_go) == lab.facts(one_by_one) == lab.facts(python)
        lab.conn.close()


def test_a_strategy_that_waits_in_a_band_keeps_what_it_holds(db: Database) -> None:
    lab = Lab(db.url, ticks=40)
    band = {"window_bars": 4, "entry_bps": 250, "exit_bps": 0, "weight_bps": 2000}
    bulk, steps = (
        lab.play(one, **band) for one in (MeanReversion(), Stepped(MeanReversion().on_bar))
    )
    kept = "select count(*) from lab.signals where backtest_id = %s and signal_kind = 'KEEP'"
    assert lab.one(kept, bulk.row["backtest_id"]) > 2
    assert bulk.row["fills"] > 4
    assert lab.facts(bulk) == lab.facts(steps)
    lab.conn.close()


def test_what_is_shown_tick_by_tick_is_what_the_database_would_show(db: Database) -> None:
    seen: list[Context] = []

    def decide(context: Context) -> Mapping[str, int]:
        seen.append(context)
        return {s: 10 * len(bars) for s, bars in context.bars.items() if len(seen) % 3}

    lab = Lab(db.url, timeframe="5m", holes=True, ticks=90)
    play = lab.play(Stepped(decide), 7, any=1)
    ticks = {
        row["bar_end_at"]: row["tick_no"] for row in play.call("api.backtest_ticks", **key(play))
    }
    assert len(seen) > 10
    for context in seen:
        held = [context.positions[symbol] for symbol in lab.symbols]
        document = lab.one(
            "select lab.build_context(b, %s, 7, %s, %s) from lab.backtests as b where backtest_id = %s",
            ticks[context.bar_end_at], held, context.equity_micros, play.row["backtest_id"],
        )  # fmt: skip
        shown = Context.from_json(document)
        assert shown == context
    lab.conn.close()


@pytest.mark.parametrize(
    ("strategy_id", "strategy"), [("sma_trend", SmaTrend()), ("sma_trend_sql", None)]
)
def test_a_backtest_does_what_a_run_with_the_real_strategist_did(
    db: Database, strategy_id: str, strategy: Strategy | None
) -> None:
    wants = {"fast_bars": 2, "slow_bars": 4, "weight_bps": 3000}
    terms = {"strategy_id": strategy_id, "window_bars": 6, "parameters": wants}
    desk = Strategists(db.url, strategy=terms)
    wire(desk.ticks["strategist"])
    desk.start()
    price = {"AAA": 100, "BBB": 50}
    for n in range(6, 30):
        price["AAA"] += (n * 7) % 5 - 2
        price["BBB"] += (n * 5) % 7 - 3
        desk.close(n, **price)
    made = desk.call(
        "api.backtest_freeze", timeframe="1D", symbols=["AAA", "BBB"], from_on=desk.days[0],
        to_on=desk.days[29], now_at=desk.now,
    )[0]  # fmt: skip
    play = Play(desk.conn, desk.clock, canonical(desk.config), strategy)
    done = play.run(made["dataset_id"])
    assert done["fills"] > 4
    found = desk.call("api.backtest_parity", **key(play), run_id=desk.run_id)
    assert found == []
    desk.conn.close()


class Strategists(Desk):
    """A desk that knows the installed strategies, with the six sessions of history that it asks for."""

    def load_reference(self) -> None:
        """Calendar, instruments, strategies."""
        super().load_reference()
        announce(self.conn, self.now)

    def start(self) -> None:
        """Four more flat sessions before the two of every desk."""
        self.days, days = self.days[4:], self.days
        for day in days[:4]:
            self.add_bars(day, **self.prices)
        super().start()
        self.days = days


def key(play: Play) -> dict[str, Any]:
    """The backtest, as an argument."""
    return {"backtest_id": play.row["backtest_id"]}


@pytest.fixture
def lab(db: Database) -> Any:
    """A small laboratory."""
    made = Lab(db.url, ticks=12)
    yield made
    made.conn.close()


def opened(lab: Lab) -> Play:
    """A backtest that waits for its signals."""
    play = lab.play(Bulk(lambda _study, _symbol, _n: 0), other=1)
    fresh = Play(lab.conn, lab.clock, play.config.replace('"other":1', '"other":2'), play.strategy)
    fresh.open(lab.dataset)
    return fresh


def test_a_strategy_outside_the_database_is_not_run_before_it_has_said_what_it_wants(
    lab: Lab,
) -> None:
    play = opened(lab)
    with pytest.raises(MqkError, match="MQS81"):
        play.call("api.backtest_finish", **key(play), now_at=lab.now)
    config = {"dataset_id": lab.dataset, "config": play.config, "now_at": lab.now}
    with pytest.raises(MqkError, match="MQS81"):
        play.call("api.backtest_run", **config)
    play.call("api.backtest_put_signals", **key(play), signals=[], now_at=lab.now)
    assert play.call("api.backtest_finish", **key(play), now_at=lab.now)[0]["orders"] == 0


def test_signals_are_given_once(lab: Lab) -> None:
    play = opened(lab)
    first = [[3, "AAA", "SHARES", 10]]
    for _ in range(2):
        given_ones = play.call(
            "api.backtest_put_signals", **key(play), signals=first, now_at=lab.now
        )
        assert given_ones[0]["signals"] == 1
    with pytest.raises(MqkError, match="MQS80"):
        play.call("api.backtest_put_signals", **key(play), signals=[], now_at=lab.now)
    with pytest.raises(psycopg.DatabaseError, match="history is not rewritten"):
        lab.sql("update lab.signal_sets set signals = 0")
    sql = lab.play("sma_trend_sql", fast_bars=1, slow_bars=2, weight_bps=100)
    with pytest.raises(MqkError, match="MQS80"):
        sql.call("api.backtest_put_signals", **key(sql), signals=first, now_at=lab.now)


@pytest.mark.parametrize(
    "signal",
    [
        [0, "AAA", "SHARES", 1],
        [13, "AAA", "SHARES", 1],
        [1, "DDD", "SHARES", 1],
        [1, "AAA", "MAYBE", 1],
        [1, "AAA", "SHARES", 1.5],
        [1, "AAA", "SHARES", None],
        [1, "AAA", "SHARES"],
        [1, "AAA", "SHARES", 1, "MARKET"],
        [1, "AAA", "SHARES", 1, "LIMIT", None, None],
        [1, "AAA", "SHARES", 1, "LIMIT", 99_005_000, None],
        {"tick": 1},
    ],
)
def test_a_signal_names_a_tick_a_symbol_a_kind_and_whole_shares(lab: Lab, signal: Any) -> None:
    play = opened(lab)
    good = [[1, "AAA", "SHARES", 1], [12, "CCC", "KEEP", 0]]
    with pytest.raises(MqkError, match="MQA82"):
        play.call("api.backtest_put_signals", **key(play), signals=[*good, signal], now_at=lab.now)
    assert (
        play.call("api.backtest_put_signals", **key(play), signals=good, now_at=lab.now)[0][
            "signals"
        ]
        == 2
    )


def test_another_code_of_a_strategy_makes_another_backtest(lab: Lab) -> None:
    lab.sql(SQL_STEP)
    wants = {"fast_bars": 1, "slow_bars": 2, "weight_bps": 100}
    first, again = (lab.play("one_by_one", **wants).row["backtest_id"] for _ in range(2))
    assert first == again
    lab.sql(SQL_STEP.replace("create", "create or replace").replace("as d'", "as d where true'"))
    assert lab.play("one_by_one", **wants).row["backtest_id"] != first


def test_a_target_outside_the_dataset_ends_a_backtest_of_a_sql_strategy(lab: Lab) -> None:
    lab.sql(
        "create function strat.decide_wild(p_context jsonb) returns table (symbol text, target_qty int)"
        " language sql stable as 'select ''DDD'', 1'"
    )
    with pytest.raises(MqkError, match="MQA08"):
        lab.play("wild")
