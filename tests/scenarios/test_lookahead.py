"""Laws of lookahead: who uses a bar before it is there is always caught, who does not never is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from lab_kit import A_DAY, Bulk, Lab, Stepped, closes_of
from mqk.backtesting import POISONS
from mqk.cli.main import main
from mqk.errors import MqkError
from mqk.past import join_raw
from mqk.strategies import Context, Strategy
from mqk.strategies.mean_reversion import MeanReversion
from mqk.strategies.sma_trend import SmaTrend
from mqk.strategies.study import Study
from support import Database

TREND = {"fast_bars": 2, "slow_bars": 5, "weight_bps": 2000}
DIP = {"window_bars": 4, "entry_bps": 200, "exit_bps": 20, "weight_bps": 2000}
SEEDS = (1, 2, 3)


def peeks(study: Study, symbol: str, n: int) -> int:
    """Buys when the next close is higher."""
    closes = study.series[symbol].closes
    return 100 if n + 1 < len(closes) and closes[n + 1] > closes[n] else 0


def centres(study: Study, symbol: str, n: int) -> int:
    """Buys below an average of two bars before and after."""
    around = study.series[symbol].closes[max(n - 2, 0) : n + 3]
    return 100 if study.series[symbol].closes[n] * len(around) < sum(around) else 0


def normalises(study: Study, symbol: str, n: int) -> int:
    """Buys near the highest close of the whole series."""
    closes = study.series[symbol].closes
    return 100 if closes[n] * 10 > max(closes) * 9 else 0


def knows_the_day(study: Study, symbol: str, n: int) -> int:
    """Buys well below the high that the day will have had."""
    series = study.series[symbol]
    day = (series.ticks[n] - 1) // A_DAY
    highs = [h for t, h in zip(series.ticks, series.highs, strict=True) if (t - 1) // A_DAY == day]
    return 100 if series.closes[n] * 100 < max(highs) * 97 else 0


def sorts(study: Study, symbol: str, n: int) -> int:
    """Buys the symbol that will have risen most in three bars."""
    gains = {
        name: one.closes[min(n + 3, len(one.closes) - 1)] / one.closes[n]
        for name, one in study.series.items()
    }
    return 100 if max(sorted(gains), key=lambda name: gains[name]) == symbol else 0


def sees_volume(study: Study, symbol: str, n: int) -> int:
    """Buys before a bar of large volume."""
    volumes = study.series[symbol].volumes
    return 100 if n + 1 < len(volumes) and volumes[n + 1] > 600 else 0


def remembers() -> Callable[[Context], Mapping[str, int]]:
    """Keeps what it was shown, for the next time that it is asked about the same days."""
    seen: dict[object, int] = {}

    def decide(context: Context) -> Mapping[str, int]:
        targets = {}
        for symbol, bars in context.bars.items():
            after = seen.get((symbol, bars[-1].bar_end_at), 0)
            targets[symbol] = 100 if after > bars[-1].close_micros else 0
            if len(bars) > 1:
                seen[symbol, bars[-2].bar_end_at] = bars[-1].close_micros
        return targets

    return decide


def sizes(context: Context) -> Mapping[str, int]:
    """Honest, and looks at all that it is shown: a share of equity in what has risen, held in part."""
    targets = {}
    for symbol, bars in context.bars.items():
        rises = len(bars) > 3 and bars[-1].close_micros > bars[-4].close_micros
        share = context.equity_micros // 10 // bars[-1].close_micros
        targets[symbol] = share if rises else context.positions[symbol] // 2
    return targets


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("rule", [peeks, centres, normalises, sorts, sees_volume])
def test_a_strategy_that_looks_ahead_is_caught(
    db: Database, rule: Callable[[Study, str, int], int], seed: int
) -> None:
    lab = Lab(db.url, seed)
    proof = lab.prove(lab.play(Bulk(rule)), cuts=2, seed=seed)
    assert proof["verdict"] == "LOOKAHEAD_VIOLATION"
    assert "with another future" in proof["violation"]
    lab.conn.close()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_strategy_that_knows_the_high_of_the_day_before_its_end_is_caught(
    db: Database, seed: int
) -> None:
    lab = Lab(db.url, seed, timeframe="5m", ticks=2 * A_DAY)
    proof = lab.prove(lab.play(Bulk(knows_the_day)), cuts=2, seed=seed)
    assert proof["verdict"] == "LOOKAHEAD_VIOLATION"
    lab.conn.close()


def test_a_strategy_that_remembers_an_earlier_pass_is_caught(db: Database) -> None:
    lab = Lab(db.url, ticks=30)
    proof = lab.prove(lab.play(Stepped(remembers())), cuts=2)
    assert proof["verdict"] == "LOOKAHEAD_VIOLATION"
    lab.conn.close()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("strategy", "parameters"),
    [(SmaTrend(), TREND), (MeanReversion(), DIP), ("sma_trend_sql", TREND)],
)
def test_an_honest_strategy_is_never_caught(
    db: Database, strategy: Strategy | str, parameters: Mapping[str, int], seed: int
) -> None:
    lab = Lab(db.url, seed, timeframe="5m", holes=True)
    play = lab.play(strategy, **parameters)
    assert play.row["fills"] > 0
    proof = lab.prove(play, cuts=6, seed=seed)
    assert (proof["verdict"], proof["violation"]) == ("CLEAN", None)
    lab.conn.close()


def test_an_honest_strategy_that_is_asked_tick_by_tick_is_never_caught(db: Database) -> None:
    lab = Lab(db.url, ticks=30)
    play = lab.play(Stepped(sizes))
    assert play.row["fills"] > 5
    assert lab.prove(play, cuts=3)["violation"] is None
    lab.conn.close()


@pytest.fixture
def lab(db: Database) -> Iterator[Lab]:
    """A small laboratory."""
    made = Lab(db.url, ticks=15)
    yield made
    made.conn.close()


def test_a_verdict_stands_and_is_of_one_code_one_config_and_one_dataset(lab: Lab) -> None:
    play = lab.play("sma_trend_sql", **TREND)
    proof = lab.prove(play, cuts=2)
    assert lab.prove(play, cuts=2) == proof
    test = lab.sql(
        "select b.code_sha256, b.config_hash, d.data_sha256 from lab.backtests as b"
        " join lab.datasets as d using (dataset_id) where b.backtest_id = %s",
        play.row["backtest_id"],
    )[0]
    assert test["code_sha256"] is not None
    assert {name: proof[name] for name in test} == test
    assert lab.call("api.backtest_proofs") == [proof]
    for table in ("proofs", "trials"):
        with pytest.raises(psycopg.DatabaseError, match="history is not rewritten"):
            lab.sql(f"delete from lab.{table}")
    said = "select count(*) from audit.events where event_name = 'LOOKAHEAD_JUDGED'"
    assert lab.one(said) == 1


def test_a_trial_leaves_nothing_behind_but_its_row(lab: Lab) -> None:
    play = lab.play("sma_trend_sql", **TREND)
    tables = ("datasets", "packs", "backtests", "signals", "orders", "fills", "curves")
    before = [lab.one(f"select count(*) from lab.{table}") for table in tables]
    lab.prove(play, cuts=1)
    assert [lab.one(f"select count(*) from lab.{table}") for table in tables] == before
    assert lab.one("select count(*) from lab.trials") == 4


def test_a_verdict_needs_every_cut_with_every_future(lab: Lab) -> None:
    play = lab.play("sma_trend_sql", **TREND)
    key = {"backtest_id": play.row["backtest_id"]}
    cuts = [r["cut_tick"] for r in play.call("api.backtest_cuts", **key, cuts=2, seed=1)]
    futures = [(cut, poison) for cut in cuts for poison in POISONS]
    judged = {**key, "cuts": 2, "seed": 1, "now_at": lab.now}
    for cut, poison in futures:
        with pytest.raises(MqkError, match="MQS83"):
            play.call("api.backtest_prove_lookahead", **judged)
        given = {"cut_tick": cut, "poison": poison, "signals": None, "now_at": lab.now}
        assert play.call("api.backtest_poison", **key, **given)[0]["difference"] is None
    assert play.call("api.backtest_prove_lookahead", **judged)[0]["verdict"] == "CLEAN"
    with pytest.raises(MqkError, match="23514"):
        play.call("api.backtest_poison", **key, **{**given, "poison": "MILD"})


def test_only_a_backtest_that_has_ended_is_proven(lab: Lab) -> None:
    play = lab.play("sma_trend_sql", **TREND)
    key = {"backtest_id": play.row["backtest_id"], "now_at": lab.now}
    lab.sql("set session_replication_role = replica")
    lab.sql(
        "update lab.backtests set backtest_status = 'CREATED', ticks = null, orders = null,"
        " fills = null, cash_micros = null, equity_micros = null, digest = null"
    )
    lab.sql("set session_replication_role = origin")
    with pytest.raises(MqkError, match="MQS82"):
        play.call("api.backtest_poison", **key, cut_tick=3, poison="UP", signals=None)
    with pytest.raises(MqkError, match="MQS82"):
        play.call("api.backtest_prove_lookahead", **key, cuts=1, seed=1)


def test_a_changed_sql_strategy_is_not_proven_by_trials_of_the_old_backtest(lab: Lab) -> None:
    play = lab.play("sma_trend_sql", **TREND)
    lab.sql("alter function lab.signal_sma_trend_sql(lab.backtests) set work_mem = '5MB'")
    with pytest.raises(MqkError, match="MQS82"):
        lab.prove(play, cuts=1)


def test_no_clean_verdict_is_written_beside_a_trial_that_differs(lab: Lab) -> None:
    play = lab.play(Bulk(peeks))
    assert lab.prove(play, cuts=1)["verdict"] == "LOOKAHEAD_VIOLATION"
    with pytest.raises(psycopg.DatabaseError, match="a clean proof has no trial"):
        lab.sql(
            "insert into lab.proofs select backtest_id, strategy_id, code_sha256, config_hash,"
            " data_sha256, 9, seed, trials, 'CLEAN', null, proven_by, proven_at from lab.proofs"
        )
    with pytest.raises(psycopg.errors.CheckViolation, match="proofs_name_what_they_found"):
        lab.sql(
            "insert into lab.proofs select backtest_id, strategy_id, code_sha256, config_hash,"
            " data_sha256, 9, seed, trials, verdict, null, proven_by, proven_at from lab.proofs"
        )


@pytest.mark.parametrize(
    ("make", "names"),
    [
        (
            "create function strat.decide_cheat(p_context jsonb) returns table (symbol text,"
            " target_qty bigint) language sql stable as 'select b.symbol, 10::bigint from md.bars as b"
            " group by b.symbol having max(b.close_micros) > 100'",
            "strat.decide_cheat names md.",
        ),
        (
            "create function strat.decide_cheat(p_context jsonb) returns table (symbol text,"
            " target_qty bigint) language plpgsql as 'begin return query execute"
            " ''select ''''AAA''''::text, 1::bigint''; end'",
            "strat.decide_cheat names execute",
        ),
        (
            "create function lab.signal_cheat(p_backtest lab.backtests) returns void language sql as"
            " 'insert into lab.signals select p_backtest.backtest_id, 3, 1, ''SHARES'', count(*)"
            " from md.bars where session_on > ''2024-01-10'''",
            "lab.signal_cheat names md.",
        ),
    ],
    ids=["store", "execute", "bulk"],
)
def test_a_sql_strategy_that_reaches_past_what_it_is_shown_is_caught(
    lab: Lab, make: str, names: str
) -> None:
    lab.sql(make)
    proof = lab.prove(lab.play("cheat"), cuts=1)
    assert (proof["verdict"], proof["violation"]) == ("LOOKAHEAD_VIOLATION", names)


def test_a_sql_strategy_whose_signals_use_the_next_bar_is_caught(lab: Lab) -> None:
    lab.sql(
        "create function lab.signal_cheat(p_backtest lab.backtests) returns void language sql as"
        " 'insert into lab.signals select p_backtest.backtest_id, c.nth, 1, ''SHARES'', 10 from"
        " (select nth, close, lead(close) over (order by nth) as next from"
        f" unnest({closes_of('p_backtest.dataset_id', '1')}) with ordinality as c (close, nth)) as c"
        " where c.next > c.close'"
    )
    proof = lab.prove(lab.play("cheat"), cuts=2)
    assert proof["verdict"] == "LOOKAHEAD_VIOLATION"
    assert "with another future" in proof["violation"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("update lab.fills set tick_no = tick_no - 1", "is in the bar of its order or before"),
        ("update lab.fills set price_micros = price_micros + 1", "has not the price of its bar"),
        (
            "update lab.packs set ends_at[5] = ends_at[4]",
            "a tick does not follow the one before it",
        ),
        (
            "update lab.packs set is_complete = array_fill(false, array[15])",
            "was given on a bar that was not complete",
        ),
    ],
    ids=["in-its-bar", "price", "tick", "incomplete"],
)
def test_the_rules_of_time_are_checked_on_what_a_backtest_wrote(
    lab: Lab, change: str, fault: str
) -> None:
    play = lab.play("sma_trend_sql", **TREND)
    find = "select fault from lab.list_time_faults(%s)"
    assert lab.sql(find, play.row["backtest_id"]) == []
    lab.sql("alter table lab.fills drop constraint fills_come_after_their_order")
    lab.sql("set session_replication_role = replica")  # somebody with the owner's password
    lab.sql(change)
    assert any(fault in row["fault"] for row in lab.sql(find, play.row["backtest_id"]))


def test_a_window_that_shows_more_or_less_than_the_bar_of_the_tick_is_a_fault(lab: Lab) -> None:
    play = lab.play("sma_trend_sql", **TREND)
    find = "select fault from lab.list_window_faults(%s, 7)"
    assert lab.sql(find, play.row["backtest_id"]) == []
    source = lab.one("select pg_get_functiondef('lab.list_bars_until'::regproc)")
    for wrong in ("p_tick_no + 1 - v_pack.first_tick + 1", "p_tick_no - 1 - v_pack.first_tick + 1"):
        lab.sql(source.replace("p_tick_no - v_pack.first_tick + 1", wrong))
        assert lab.sql(find, play.row["backtest_id"]) != []


def test_the_command_proves_and_refuses(
    lab: Lab, db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = lab.play("sma_trend_sql", **TREND).config
    file = tmp_path / "lab.yaml"
    file.write_text(config)
    monkeypatch.setenv("MQK_DATABASE_URL", db.login_url("mqk_operator"))
    words = ["backtest", "prove-lookahead"]
    rest = [str(lab.dataset), "--cuts", "1", "--config", str(file), "--json"]
    done = CliRunner().invoke(main, [*words, "sma_trend_sql", *rest])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)[0]["verdict"] == "CLEAN"
    other = CliRunner().invoke(main, [*words, "sma_trend", *rest])
    assert (other.exit_code, "MQA84" in other.stderr) == (2, True)
    cheat = type("Cheat", (Bulk,), {"__init__": lambda self: Bulk.__init__(self, peeks)})
    monkeypatch.setattr("mqk.backtesting.names", lambda: ["sma_trend_sql", "tested"])
    monkeypatch.setattr("mqk.backtesting.load", lambda _name: cheat())
    file.write_text(config.replace("sma_trend_sql", "tested"))
    caught = CliRunner().invoke(main, [*words, "tested", *rest])
    assert (caught.exit_code, "LOOKAHEAD_VIOLATION" in caught.stderr) == (3, True)
    python = CliRunner().invoke(main, ["backtest", "run", *rest[:1], *rest[3:]])
    assert python.exit_code == 0, python.output
    assert json.loads(python.stdout)[0]["strategy_id"] == "tested"
    assert len(json.loads(CliRunner().invoke(main, ["backtest", "proofs", "--json"]).stdout)) == 2


def test_another_future_keeps_the_past_and_the_order_of_prices(lab: Lab) -> None:
    play = lab.play("sma_trend_sql", **TREND)
    key = {"backtest_id": play.row["backtest_id"]}
    true = play.call("api.backtest_bars", **key, cut_tick=None, poison=None)
    for poison in POISONS:
        other = join_raw(play.call("api.backtest_bars", **key, cut_tick=6, poison=poison))
        for n, (a, b) in enumerate(zip(true, other, strict=True), 1):
            is_up = poison == "UP" or poison == ("ODD" if n % 2 else "EVEN")
            for name in ("opens", "highs", "lows", "closes", "volumes"):
                assert b[name][:6] == a[name][:6]
                pairs = list(zip(a[name][6:], b[name][6:], strict=True))
                assert all(y > x if is_up else y < x or x < 2 for x, y in pairs)
            assert all(
                low <= min(o, c) and max(o, c) <= high
                for o, high, low, c in zip(
                    b["opens"], b["highs"], b["lows"], b["closes"], strict=True
                )
            )
