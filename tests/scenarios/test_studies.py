"""Laws of studies: what a backtest is put through is the same every time, and sees nothing that it
should not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from kit import GIVEN, Desk, close_of
from lab_kit import closes_of
from mqk.backtesting import open_play
from mqk.cli.main import main
from mqk.config.load import canonical, merge
from mqk.errors import MqkError
from promotion_kit import WaveDesk
from support import SERVER, Database

TICKS = 130
CHOICES = [
    {"fast_bars": 1, "slow_bars": 2, "weight_bps": 2500},
    {"fast_bars": 1, "slow_bars": 2, "weight_bps": 100},
    {"fast_bars": 2, "slow_bars": 2, "weight_bps": 2500},  # never rises above itself
]
FOLDS = {"folds": 3, "score": "RETURN"}
Waves = tuple[WaveDesk, Any]


@pytest.fixture(scope="module")
def waves() -> Iterator[Waves]:
    """The bars of a rider of waves, and its backtest."""
    with SERVER.clone() as db:
        desk = WaveDesk(db.url)
        desk.load(TICKS)
        yield desk, desk.test(TICKS)
        desk.conn.close()


def steps(study: dict[str, Any], part: str) -> list[dict[str, Any]]:
    """The steps of a study of one part."""
    return [step for step in study["steps"] if step["step_part"] == part]


def test_t49_scenario_stress_impact_measurable(waves: Waves) -> None:
    desk, test = waves
    base = desk.one("select equity_micros from lab.backtests where backtest_id = %s", test)
    study = desk.study("stress", test)
    ended = {s["scenario"]: s["measures"]["end_micros"] for s in steps(study, "SCENARIO")}
    assert sorted(ended) == sorted(row["scenario"] for row in desk.call("lab.list_scenarios"))
    for scenario in ("SLIPPAGE_X2", "FEES_X2"):
        assert ended[scenario] < base, scenario
    assert all(ended[scenario] != base for scenario in ("LATENCY_HIGH", "GAPS", "BEAR", "WILD"))
    assert study["is_passed"]
    assert study["measures"]["failures"] == 0
    shown = desk.value("api.backtest_show", backtest_id=test, run_id=None)["stress"]
    assert shown["is_passed"] and {s["scenario"] for s in shown["steps"]} == set(ended)
    with pytest.raises(psycopg.Error, match="history is not rewritten"):
        desk.sql("update lab.backtests set equity_micros = equity_micros + 1")


def test_a_study_is_bound_to_its_config_and_its_data_and_is_done_once(waves: Waves) -> None:
    desk, test = waves
    first, again = desk.study("stress", test), desk.study("stress", test)
    assert first == again
    bound = desk.sql(
        "select s.config_hash = b.config_hash and s.data_sha256 = d.data_sha256 as is_bound"
        " from lab.studies as s join lab.backtests as b using (backtest_id)"
        " join lab.datasets as d using (dataset_id)"
    )
    assert all(row["is_bound"] for row in bound)
    for step in first["steps"]:
        digest = desk.one(
            "select digest = lab.compute_digest(backtest_id) from lab.backtests"
            " where backtest_id = %s", step["backtest_id"],
        )  # fmt: skip
        assert digest


def test_the_same_study_gives_the_same_on_another_server(waves: Waves, db: Database) -> None:
    desk, test = waves
    other = WaveDesk(db.url)
    other.load(TICKS)
    assert other.test(TICKS) == test
    for kind, terms in (
        ("stress", {}),
        ("walk_forward", {**FOLDS, "choices": CHOICES}),
        ("cross_validate", {**FOLDS, "choices": CHOICES, "embargo": 2}),
        ("monte_carlo", {"samples": 100, "method": "PERMUTATION", "seed": 7}),
    ):
        assert other.study(kind, test, **terms) == desk.study(kind, test, **terms)
    other.conn.close()


def test_orders_of_latency_high_fill_a_bar_later(waves: Waves) -> None:
    desk, test = waves
    late = steps(desk.study("stress", test), "SCENARIO")[2]
    assert late["scenario"] == "LATENCY_HIGH"
    waits = (
        "select min(f.tick_no - o.tick_no) as wait from lab.fills as f"
        " join lab.orders as o using (backtest_id, order_no) where backtest_id = %s"
    )
    assert (desk.one(waits, test), desk.one(waits, late["backtest_id"])) == (1, 2)


def test_walk_forward_tests_what_training_chose(waves: Waves) -> None:
    desk, test = waves
    study = desk.study("walk_forward", test, **FOLDS, choices=CHOICES)
    assert len(steps(study, "TRAIN")) == 9
    assert [s["choice_no"] for s in steps(study, "TEST")] == [1, 1, 1]
    turned = desk.study("walk_forward", test, **FOLDS, choices=CHOICES[::-1])
    assert [s["choice_no"] for s in steps(turned, "TEST")] == [3, 3, 3]
    assert study["is_passed"]
    one = desk.study("walk_forward", test, **FOLDS, choices=None)
    assert steps(one, "TRAIN") == []
    assert [s["measures"] for s in steps(one, "TEST")] == [
        s["measures"] for s in steps(study, "TEST")
    ]


def test_no_part_of_a_study_holds_another_bar_than_its_own(waves: Waves) -> None:
    desk, test = waves
    desk.study("cross_validate", test, **FOLDS, choices=CHOICES[:2], embargo=4)
    source = "(select dataset_id from lab.backtests where backtest_id = %s)"
    differing = desk.sql(
        "with d as (select * from lab.derivations where change_kind = 'SLICE'"
        f" and source_id = {source}),"
        " made as (select d.dataset_id, s.n as symbol, (p.c)[1] as c from d"
        "   cross join generate_series(1, 3) as s (n)"
        f"   cross join lateral (select array[{closes_of('d.dataset_id', 's.n')}::text] as c) as p),"
        " want as (select d.dataset_id, s.n as symbol,"
        f"   {closes_of('d.source_id', 's.n')}[d.first_tick:d.last_tick]::text as c"
        "   from d cross join generate_series(1, 3) as s (n))"
        " select * from made full join want using (dataset_id, symbol)"
        " where made.c is distinct from want.c",
        test,
    )
    assert differing == []
    assert desk.one("select count(*) from lab.derivations where change_kind = 'SLICE'") >= 7


def test_what_comes_after_does_not_change_what_was_chosen(waves: Waves, db: Database) -> None:
    desk, test = waves
    past = desk.study("walk_forward", test, **FOLDS, choices=CHOICES)
    other = WaveDesk(db.url)
    for tick in range(TICKS):
        other.is_rising = tick < 64  # two blocks of four; then everything turns over
        other.draw(tick)
    other.clock.move_to(close_of(other.days[TICKS - 1]))
    other.tick("marketdata")
    poisoned = other.study("walk_forward", other.test(TICKS), **FOLDS, choices=CHOICES)

    def seen(study: dict[str, Any]) -> list[Any]:
        return [
            (s["choice_no"], s["measures"])
            for s in study["steps"]
            if s["fold_no"] == 1 or (s["fold_no"] == 2 and s["step_part"] == "TRAIN")
        ]

    assert seen(poisoned) == seen(past)
    assert poisoned["measures"] != past["measures"]
    other.conn.close()


@pytest.mark.parametrize("method", ["BOOTSTRAP", "PERMUTATION"])
def test_the_luck_of_a_seed_is_always_the_same(waves: Waves, method: str) -> None:
    desk, test = waves
    terms = {"samples": 200, "method": method}
    one = desk.study("monte_carlo", test, **terms, seed=1)["measures"]
    other = desk.study("monte_carlo", test, **terms, seed=2)["measures"]
    assert one != other
    equal = desk.one("select equity_micros from lab.backtests where backtest_id = %s", test)
    assert one["end_micros_p5"] <= one["end_micros_p50"] <= one["end_micros_p95"]
    if method == "PERMUTATION":
        assert one["end_micros_p5"] == one["end_micros_p95"] <= equal
    assert one["samples"] == 200


@pytest.mark.parametrize(
    ("kind", "terms", "is_lawful"),
    [
        ("walk_forward", {"folds": 2, "score": "SHARPE"}, False),
        ("walk_forward", {"folds": 3, "score": "SHARPE"}, True),
        ("walk_forward", {"folds": 12, "score": "SHARPE"}, True),  # 130 / 13 = 10 ticks a fold
        ("walk_forward", {"folds": 13, "score": "SHARPE"}, False),
        ("walk_forward", {"folds": 3, "score": "HOPE"}, False),
        ("walk_forward", {"folds": None, "score": "SHARPE"}, False),
        ("walk_forward", {"folds": 3, "score": "SHARPE", "choices": []}, False),
        ("walk_forward", {"folds": 3, "score": "SHARPE", "choices": [1]}, False),
        ("cross_validate", {"folds": 3, "score": "SHARPE", "embargo": -1}, False),
        ("cross_validate", {"folds": 3, "score": "SHARPE", "embargo": 0}, True),
        ("monte_carlo", {"samples": 99, "method": "BOOTSTRAP", "seed": 1}, False),
        ("monte_carlo", {"samples": 100, "method": "BOOTSTRAP", "seed": 1}, True),
        ("monte_carlo", {"samples": 10001, "method": "BOOTSTRAP", "seed": 1}, False),
        ("monte_carlo", {"samples": 100, "method": "HOPE", "seed": 1}, False),
        ("monte_carlo", {"samples": 100, "method": "BOOTSTRAP", "seed": None}, False),
    ],
)
def test_a_study_that_cannot_be_done_is_not_begun(
    waves: Waves, kind: str, terms: dict[str, Any], is_lawful: bool
) -> None:
    desk, test = waves
    terms = terms if kind == "monte_carlo" else {"choices": None, **terms}

    def begin() -> Any:
        return desk.call(f"api.backtest_{kind}", backtest_id=test, **terms, now_at=desk.now)

    if is_lawful:
        assert begin()
        return
    before = desk.one("select count(*) from lab.studies")
    with pytest.raises(MqkError) as no:
        begin()
    assert no.value.code == "MQA86"
    assert desk.one("select count(*) from lab.studies") == before


def test_a_study_that_was_never_begun_has_no_step(desk: Desk) -> None:
    with pytest.raises(MqkError) as no:
        desk.call("api.backtest_step", study_id=desk.run_id, now_at=desk.now)
    assert no.value.code == "MQN86"
    with pytest.raises(MqkError) as no:
        desk.call("api.backtest_stress", backtest_id=desk.run_id, now_at=desk.now)
    assert no.value.code == "MQN81"


@pytest.mark.parametrize(("costs", "equity"), [((0, 0, 0), 99_800), ((5, 5000, 5000), 99_595)])
def test_a_round_trip_of_ten_shares_costs_what_fact_126_says(
    desk: Desk, costs: tuple[int, int, int], equity: int
) -> None:
    names = ("slippage_bps", "volatility_mult_bps", "max_slippage_bps")
    for n in range(5):
        row = {"open": 500, "high": 510, "low": 490, "close": 500}
        desk.add_bars(desk.days[n], AAA=row, BBB=50)
    desk.clock.move_to(close_of(desk.days[4]))
    desk.tick("marketdata")
    execution = {"fill_profile": "worst_case", **dict(zip(names, costs, strict=True))}
    config = merge(desk.config, {"strategy": {**GIVEN, "symbols": ["AAA"]}, "execution": execution})
    frozen = desk.call(
        "api.backtest_freeze", timeframe="1D", symbols=["AAA"], from_on=desk.days[0],
        to_on=desk.days[4], now_at=desk.now,
    )[0]  # fmt: skip
    test = desk.call(
        "lab.open_backtest", code_sha256=None,
        dataset_id=frozen["dataset_id"], canonical_json=canonical(config),
        latency_bars=0, now_at=desk.now,
    )[0]["backtest_id"]  # fmt: skip
    for tick, qty in ((2, 10), (3, 0)):
        desk.sql("insert into lab.signals values (%s, %s, 1, 'SHARES', %s)", test, tick, qty)
    done = desk.call("lab.run_backtest", backtest_id=test, id_base=None, now_at=desk.now)[0]
    assert (done["fills"], done["equity_micros"]) == (2, equity * 1_000_000)


def command(desk: WaveDesk, *words: str) -> Any:
    """A command of a person at this desk."""
    return CliRunner().invoke(main, [*words], env={"MQK_DATABASE_URL": desk.conn.info.dsn})


PYTHON = {"stress": (), "walk-forward": ("--folds", "3"), "cross-validate": ("--folds", "3"),
          "monte-carlo": ("--samples", "100")}  # fmt: skip


def test_a_strategy_of_pythons_is_studied_by_the_commands_as_its_twin_in_sql(
    waves: Waves, db: Database
) -> None:
    desk = WaveDesk(db.url)
    desk.load(TICKS)
    tests = {}
    for name in ("sma_trend", "sma_trend_sql"):
        text = canonical(merge(desk.config, {"strategy": {"strategy_id": name}}))
        tests[name] = open_play(desk.conn, desk.clock, text).run(desk.freeze(TICKS))["backtest_id"]
    choices = ("--choices", json.dumps(CHOICES))
    for kind, words in PYTHON.items():
        given = (*words, *choices) if words[:1] == ("--folds",) else words
        outcomes = []
        for test in tests.values():
            done = command(desk, "backtest", kind, str(test), *given, "--json")
            assert done.exit_code == 0, done.output
            row = json.loads(done.stdout)[0]
            told = [{**s, "backtest_id": None} for s in row["steps"] or []]
            outcomes.append((row["is_passed"], row["measures"], told))
        assert outcomes[0] == outcomes[1]
    desk.conn.close()


def test_a_step_is_not_run_before_its_strategy_has_said_what_it_wants(
    waves: Waves, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, _ = waves
    text = canonical(merge(desk.config, {"strategy": {"strategy_id": "sma_trend"}}))
    test = open_play(desk.conn, desk.clock, text).run(desk.freeze(TICKS))["backtest_id"]
    begun = desk.call("api.backtest_stress", backtest_id=test, now_at=desk.now)[0]
    key = {"study_id": begun["study_id"]}
    asked = desk.call("api.backtest_ask", **key, now_at=desk.now)
    assert len(asked) == 1
    with pytest.raises(MqkError) as no:
        desk.call("api.backtest_step", **key, now_at=desk.now)
    assert no.value.code == "MQS81"
    for code in ("a" * 64, None):
        with pytest.raises(MqkError) as no:
            desk.call("api.backtest_answer", **key, code_sha256=code, signals=[], now_at=desk.now)
        assert no.value.code == "MQS86"
    assert desk.call("api.backtest_ask", **key, now_at=desk.now) == asked
    monkeypatch.setattr("mqk.backtesting.hash_code", lambda _strategy: "a" * 64)
    assert "MQS86" in command(desk, "backtest", "stress", str(test)).output  # another file of it
    monkeypatch.undo()
    monkeypatch.setattr("mqk.backtesting.names", list)
    assert (
        "MQN05" in command(desk, "backtest", "stress", str(test)).output
    )  # it is not installed here
    monkeypatch.undo()
    assert command(desk, "backtest", "stress", str(test)).exit_code == 0
    assert desk.call("api.backtest_ask", **key, now_at=desk.now) == []
    code = desk.one("select code_sha256 from lab.backtests where backtest_id = %s", test)
    with pytest.raises(MqkError) as no:
        desk.call("api.backtest_answer", **key, code_sha256=code, signals=[], now_at=desk.now)
    assert no.value.code == "MQS86"  # no step is left


def test_a_study_of_a_sql_strategy_asks_for_nothing(waves: Waves) -> None:
    desk, test = waves
    terms = {"folds": 4, "score": "RETURN", "choices": None}
    begun = desk.call("api.backtest_walk_forward", backtest_id=test, **terms, now_at=desk.now)[0]
    assert desk.call("api.backtest_ask", study_id=begun["study_id"], now_at=desk.now) == []
    with pytest.raises(MqkError) as no:
        desk.call("api.backtest_ask", study_id=desk.run_id, now_at=desk.now)
    assert no.value.code == "MQN86"
