"""Laws of rehearsals: a backtest is promoted only if its program did the same through the real doors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

import mqk.backtesting
import mqk.workers.strategist
from lab_kit import Bulk
from mqk.backtesting import open_play
from mqk.cli.main import main
from mqk.config.load import canonical, merge
from mqk.errors import MqkError
from mqk.strategies import Context
from mqk.strategies.study import Study
from promotion_kit import BUILD, WaveDesk
from support import SERVER, Database

TICKS = 24
PARAMETERS = {"fast_bars": 1, "slow_bars": 2, "weight_bps": 2500}
Waves = tuple[WaveDesk, Any]


@pytest.fixture(scope="module")
def waves() -> Iterator[Waves]:
    """A rider of waves and the backtest of what it did."""
    with SERVER.clone() as db:
        desk = WaveDesk(db.url)
        desk.ride(TICKS)
        yield desk, desk.test(TICKS)
        assert desk.broken_promises() == []
        desk.conn.close()


def command(desk: WaveDesk, *words: str) -> Any:
    """A command of a person at this desk."""
    env = {"MQK_DATABASE_URL": desk.conn.info.dsn}
    return CliRunner().invoke(main, [*words], env=env)


def backtest(desk: WaveDesk, **config: Any) -> Any:
    """The backtest of the desk's config, changed so, as the command would run it."""
    text = canonical(merge(desk.config, config))
    return open_play(desk.conn, desk.clock, text).run(desk.freeze(TICKS))


@pytest.mark.parametrize(
    "config",
    [
        {"strategy": {"strategy_id": "sma_trend"}},  # asked in Python, as the strategist asks it
        {"execution": {"participation_bps": 1}, "risk": {"max_order_qty": 900}},  # parts, denials
        {
            "risk": {"daily_loss_limit": 0.005},
            "execution": {"slippage_bps": 200, "max_slippage_bps": 300},
        },
        {"strategy": {"protective_stop_bps": 100}},
        {  # halted with a stop that rests and has to make way for what closes
            "strategy": {"protective_stop_bps": 2000},
            "risk": {"max_drawdown": 0.005, "flatten_on_critical": True},
            "execution": {"slippage_bps": 200, "max_slippage_bps": 300},
        },
    ],
)
def test_a_backtest_is_rehearsed_through_every_door_by_the_command(
    db: Database, config: dict[str, Any]
) -> None:
    desk = WaveDesk(db.url)
    desk.load(TICKS)
    test = backtest(desk, **config)
    assert test["fills"] > 0
    assert (test["backtest_status"] == "HALTED") == ("slippage_bps" in str(config))
    done = command(desk, "promote", "rehearse", str(test["backtest_id"]), "--json")
    assert done.exit_code == 0, done.output
    kept = json.loads(done.stdout)[0]
    assert (kept["verdict"], kept["differences"]) == ("SAME", 0)
    assert kept["acts"] > test["fills"]
    desk.conn.close()


def test_a_strategy_that_looks_ahead_does_something_else_in_its_rehearsal(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Cheat(Bulk):
        def on_bar(self, context: Context) -> dict[str, int]:
            """What it can do when the next bar is not there."""
            return {}

    def peeks(study: Study, symbol: str, n: int) -> int:
        closes = study.series[symbol].closes
        return 100 if n + 1 < len(closes) and closes[n + 1] > closes[n] else 0

    for module in (mqk.backtesting, mqk.workers.strategist):
        monkeypatch.setattr(module, "names", lambda: ["tested"])
        monkeypatch.setattr(module, "load", lambda _name: Cheat(peeks))
    desk = WaveDesk(db.url)
    desk.load(TICKS)
    desk.call("io.register_strategy", strategy_id="tested", version="1", now_at=desk.now)
    test = backtest(desk, strategy={"strategy_id": "tested"})
    assert test["fills"] > 0
    done = command(desk, "promote", "rehearse", str(test["backtest_id"]))
    assert done.exit_code == 3, done.output
    assert "a rehearsal does what its backtest did" in done.output
    kept = desk.sql("select verdict, first_difference from lab.rehearsals")[0]
    assert kept["verdict"] == "DIFFERENT" and kept["first_difference"]
    desk.conn.close()


def test_what_is_told_of_another_backtest_is_refused(waves: Waves) -> None:
    desk, test = waves
    digest = desk.one("select digest from lab.backtests where backtest_id = %s", test)
    for forged in (
        {"twin": {"backtest_id": str(test), "digest": "a" * 64}},
        {"twin": {"backtest_id": str(desk.run_id), "digest": digest}},
        {"twin": {}},
        {"twin": None},
        {"run_id": desk.run_id},
        {"run_id": None},
    ):
        with pytest.raises(MqkError) as no:
            desk.rehearse(test, **forged)
        assert no.value.code == "MQA89"
    for args, code in (({"build": "main"}, "MQA02"), ({"build": None}, "MQA02")):
        with pytest.raises(MqkError) as no:
            desk.rehearse(test, **args)
        assert no.value.code == code
    assert desk.one("select count(*) from lab.rehearsals") == 0


def test_every_act_counts(waves: Waves) -> None:
    desk, test = waves
    acts = [dict(act) for act in desk.call("api.promote_acts", run_id=desk.run_id)]
    assert {act["kind"] for act in acts} == {"order", "fill", "closed lot", "end"}
    for n, act in enumerate(acts):
        for told, faults in (
            ([*acts[:n], {**act, "act": act["act"] + "0"}, *acts[n + 1 :]], 1),
            ([*acts[:n], *acts[n + 1 :]], 1),
            ([*acts, {**act, "place": act["place"] + 1000}], 1),
        ):
            found = desk.call("lab.compare_acts", backtest_id=test, acts=told)
            assert len(found) == faults
    assert desk.call("lab.compare_acts", backtest_id=test, acts=acts) == []
    assert len(desk.call("lab.compare_acts", backtest_id=test, acts=[])) == len(acts)


def test_a_rehearsal_that_differs_is_kept_and_is_not_played_away(waves: Waves) -> None:
    desk, test = waves
    acts = desk.call("api.promote_acts", run_id=desk.run_id)
    with desk.conn.transaction(force_rollback=True):
        kept = desk.rehearse(test, acts=acts[1:])
        assert (kept["verdict"], kept["differences"]) == ("DIFFERENT", 1)
        assert acts[0]["act"] in kept["first_difference"]
        assert desk.rehearse(test, acts=acts[1:]) == kept
        assert "rehearsal_differences 1 is above 0" in desk.judge(test)["reasons"]
        with pytest.raises(MqkError) as no, desk.conn.transaction():
            desk.rehearse(test)
        assert no.value.code == "MQS89"
        assert desk.rehearse(test, "c" * 64)["verdict"] == "SAME"  # another program is another try


def test_nothing_told_is_no_rehearsal(waves: Waves) -> None:
    desk, test = waves
    for acts in ([], None, {}):
        with pytest.raises((MqkError, psycopg.Error)):
            desk.rehearse(test, acts=acts)
    assert desk.one("select count(*) from lab.rehearsals") == 0


def test_a_backtest_that_was_not_run_is_not_rehearsed(waves: Waves) -> None:
    desk, _ = waves
    test = desk.call(
        "lab.open_backtest", code_sha256=None,
        dataset_id=desk.freeze(TICKS), latency_bars=0, now_at=desk.now,
        canonical_json=canonical(merge(desk.config, {"risk": {"daily_loss_limit": 0.4}})),
    )[0]["backtest_id"]  # fmt: skip
    with pytest.raises(MqkError) as no:
        desk.rehearse(test, twin={})
    assert no.value.code == "MQA87"
    done = command(desk, "promote", "rehearse", str(test))
    assert (done.exit_code, "MQA87" in done.output) == (2, True)


@pytest.mark.parametrize(
    ("change", "wall"),
    [
        ({"digest": "repeat('a', 64)"}, "rehearsals_result_fkey"),
        ({"acts": "0"}, "rehearsals_end_with_an_act"),
        ({"differences": "1"}, "rehearsals_name_what_they_found"),
        ({"first_difference": "'x'"}, "rehearsals_name_what_they_found"),
        ({"acts_sha256": "''"}, "rehearsals_hashes_are_sha256"),
        ({"build": f"'{BUILD}'"}, "rehearsals_pkey"),
    ],
)
def test_a_rehearsal_that_no_function_judged_cannot_be_kept(
    waves: Waves, change: dict[str, str], wall: str
) -> None:
    desk, test = waves
    names = ("backtest_id", "build", "digest", "run_id", "acts", "acts_sha256", "differences",
             "first_difference", "rehearsed_by", "rehearsed_at")  # fmt: skip
    values = ", ".join({"build": "repeat('d', 64)", **change}.get(name, name) for name in names)
    with pytest.raises(psycopg.Error) as no, desk.conn.transaction(force_rollback=True):
        desk.rehearse(test)
        desk.sql(
            f"insert into lab.rehearsals ({', '.join(names)}) select {values} from lab.rehearsals"
        )
    assert no.value.diag.constraint_name == wall


def test_the_database_says_what_is_rehearsed(waves: Waves) -> None:
    desk, test = waves
    plan = desk.value("api.promote_plan", backtest_id=test)
    played, tested = json.loads(plan["config"]), json.loads(plan["backtest_config"])
    for part in ("strategy", "risk", "execution"):
        assert played[part] == tested[part]
    for key in ("timeframe", "stale_data_threshold_seconds", "adjustment"):
        assert played["data"][key] == tested["data"][key]
    assert played["engine"] == {**tested["engine"], "mode": "PAPER"}
    assert played["broker"]["name"] == "paper"
    assert played["broker"]["initial_cash"] == tested["broker"]["initial_cash"]
