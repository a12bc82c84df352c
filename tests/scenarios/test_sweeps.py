"""Laws of sweeps: every job is done once, whoever dies; the best is named, and nothing else is said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from click.testing import CliRunner

from lab_kit import Lab
from mqk.cli.main import main
from mqk.db import connect
from mqk.errors import MqkError
from mqk.sweeping import Sweeper, read_grid
from support import ROOT, Database

WANTS = {"fast_bars": 2, "slow_bars": 5, "weight_bps": 2000}
GRID = {"fast_bars": [1, 2], "slow_bars": [4, 5, 6]}
MQK = [sys.executable, "-c", "from mqk.cli.main import main; main()"]


@pytest.fixture
def lab(db: Database) -> Iterator[Lab]:
    """A small laboratory."""
    made = Lab(db.url, ticks=40)
    yield made
    assert made.broken_promises() == []
    made.conn.close()


def opened(lab: Lab, grid: Any = GRID, strategy: str = "sma_trend_sql") -> UUID:
    """A sweep of a trend strategy."""
    config = lab.configure(strategy, 10, **WANTS)
    row = lab.call(
        "api.backtest_sweep", dataset_id=lab.dataset, config=config, grid=grid, now_at=lab.now
    )[0]
    made: UUID = row["sweep_id"]
    return made


def claim(lab: Lab, sweep_id: UUID | None, seconds: int = 60) -> dict[str, Any] | None:
    """One job."""
    terms = {"worker_name": "w", "lease_seconds": seconds, "now_at": lab.now}
    rows = lab.call("api.backtest_claim_job", sweep_id=sweep_id, **terms)
    return rows[0] if rows else None


def end(lab: Lab, job: dict[str, Any]) -> dict[str, Any]:
    """End a job as its worker would; give it."""
    play = lab.call(
        "api.backtest_open", dataset_id=job["dataset_id"], config=job["config"], code_sha256=None,
        now_at=lab.now,
    )[0]  # fmt: skip
    key = {name: job[name] for name in ("sweep_id", "job_no", "claim_no")}
    return lab.call(
        "api.backtest_finish_job", **key, backtest_id=play["backtest_id"], now_at=lab.now
    )[0]


def test_a_grid_reads_lists_and_ranges_with_both_ends() -> None:
    assert read_grid(["fast_bars=5:20:5", "slow_bars=30,50", "x=0.1:0.3:0.1"]) == {
        "fast_bars": [5, 10, 15, 20],
        "slow_bars": [30, 50],
        "x": [0.1, 0.2, 0.3],
    }
    for wrong in ("", "a", "a=", "a=1:2", "a=1:2:0", "a=2:1:1", "a=one", "=1", "a=nan:1:1"):
        with pytest.raises(MqkError, match="MQA85"):
            read_grid([wrong])
    with pytest.raises(MqkError, match="MQA85"):
        read_grid(["a=1", "a=2"])


def test_a_sweep_has_a_job_for_each_value_with_each_and_the_same_again_is_the_same(
    lab: Lab,
) -> None:
    first = opened(lab)
    assert opened(lab) == first
    tried = lab.sql("select parameters from lab.sweep_jobs order by job_no")
    assert [row["parameters"] for row in tried] == [
        {"fast_bars": f, "slow_bars": s} for f in GRID["fast_bars"] for s in GRID["slow_bars"]
    ]
    assert lab.one("select jobs from lab.sweeps") == 6


@pytest.mark.parametrize(
    "grid",
    [{}, [], {"fast_bars": []}, {"fast_bars": 3}, {"other": [1]}, {"other": [1], "fast_bars": [1]}],
)
def test_a_grid_names_parameters_of_the_config_and_lists_values(lab: Lab, grid: Any) -> None:
    with pytest.raises(MqkError, match="MQA85"):
        opened(lab, grid)


def test_a_sweep_is_bounded(lab: Lab) -> None:
    with pytest.raises(MqkError, match="MQA02"):
        opened(lab, {"fast_bars": list(range(101)), "slow_bars": list(range(100))})


def test_a_job_is_given_to_one_worker_until_it_has_been_silent_for_its_lease(lab: Lab) -> None:
    sweep_id = opened(lab, {"fast_bars": [1]})
    first = claim(lab, sweep_id)
    assert first is not None
    assert claim(lab, sweep_id) is None
    lab.clock.move_to(lab.now + timedelta(seconds=60))
    second = claim(lab, None)
    assert second is not None
    assert (second["job_no"], second["claim_no"]) == (first["job_no"], 2)
    with pytest.raises(MqkError, match="MQS84"):
        end(lab, first)
    assert end(lab, second)["job_status"] == "DONE"
    assert end(lab, second)["job_status"] == "DONE"  # the answer was lost: nothing changes
    assert claim(lab, None) is None


def test_a_job_that_kills_its_workers_fails_after_five_claims(lab: Lab) -> None:
    sweep_id = opened(lab, {"fast_bars": [1]})
    for n in range(1, 6):
        job = claim(lab, sweep_id)
        assert job is not None
        assert job["claim_no"] == n
        lab.clock.move_to(lab.now + timedelta(seconds=60))
    assert claim(lab, sweep_id) is None
    assert lab.one("select failure from lab.sweep_jobs") == "claimed 5 times and never ended"


def test_a_job_that_is_being_ended_is_claimed_by_nobody(lab: Lab, db: Database) -> None:
    job = claim(lab, opened(lab, {"fast_bars": [1]}))
    assert job is not None
    with db.connect() as other, other.transaction():
        other.execute("select lab.lock_sweep_job(%s, 1, 1)", [job["sweep_id"]])
        lab.clock.move_to(lab.now + timedelta(hours=1))
        assert claim(lab, None) is None
    assert claim(lab, None) is not None


def test_what_a_config_is_refused_for_ends_its_job(lab: Lab) -> None:
    sweep_id = opened(lab, {"weight_bps": [2000, "much"]})
    Sweeper(lab.conn, "w", lab.clock).work(sweep_id)
    rows = lab.call("api.backtest_rank", sweep_id=sweep_id)
    assert [row["job_status"] for row in rows] == ["DONE", "FAILED"]
    assert "much" in rows[1]["failure"]
    with pytest.raises(MqkError, match="MQN82"):
        lab.call(
            "api.backtest_fail_job",
            sweep_id=sweep_id,
            job_no=9,
            claim_no=1,
            failure="no",
            now_at=lab.now,
        )


@pytest.mark.parametrize(
    "change",
    [
        "job_status = 'CLAIMED', backtest_id = null, ended_at = null",
        "failure = 'no', job_status = 'FAILED', backtest_id = null",
        "backtest_id = (select backtest_id from lab.backtests order by 1 desc limit 1)",
    ],
    ids=["again", "failed", "other"],
)
def test_a_job_that_has_ended_stays(lab: Lab, change: str) -> None:
    Sweeper(lab.conn, "w", lab.clock).work(opened(lab))
    with pytest.raises(psycopg.DatabaseError, match="a job of a sweep ends once"):
        lab.sql(f"update lab.sweep_jobs set {change} where job_no = 1")
    with pytest.raises(psycopg.DatabaseError, match="history is not rewritten"):
        lab.sql("delete from lab.sweep_jobs")


def test_a_job_is_not_ended_with_the_backtest_of_another_config(lab: Lab) -> None:
    other = lab.play("sma_trend_sql", **WANTS)
    job = claim(lab, opened(lab, {"fast_bars": [1]}))
    assert job is not None
    key = {name: job[name] for name in ("sweep_id", "job_no", "claim_no")}
    with pytest.raises(MqkError, match="MQI83"):
        lab.call(
            "api.backtest_finish_job", **key, backtest_id=other.row["backtest_id"], now_at=lab.now
        )


def test_the_rank_is_by_what_was_earned_and_what_did_not_end_well_comes_last(lab: Lab) -> None:
    sweep_id = opened(lab)
    Sweeper(lab.conn, "w", lab.clock).work(sweep_id)
    lab.sql("set session_replication_role = replica")
    lab.sql(
        "update lab.backtests set backtest_status = 'HALTED', halt_reason = 'DRAWDOWN', halted_at = now(),"
        " equity_micros = 10 * equity_micros where backtest_id ="
        " (select backtest_id from lab.sweep_jobs where job_no = 3)"
    )
    rows = lab.call("api.backtest_rank", sweep_id=sweep_id)
    assert [row["place"] for row in rows] == [1, 2, 3, 4, 5, 6]
    earned = [row["equity_micros"] for row in rows[:-1]]
    assert earned == sorted(earned, reverse=True)
    assert (rows[-1]["job_no"], rows[-1]["ended_as"]) == (3, "HALTED")


@pytest.mark.parametrize("strategy", ["sma_trend", "sma_trend_sql"])
def test_a_worker_that_is_killed_loses_nothing_and_nothing_is_done_twice(
    db: Database, strategy: str
) -> None:
    lab = Lab(db.url, ticks=70)
    grid = {"fast_bars": [1, 2, 3], "slow_bars": list(range(4, 12))}
    sweep_id = opened(lab, grid, strategy)
    env = {**os.environ, "MQK_DATABASE_URL": db.login_url("mqk_lab")}
    words = [*MQK, "backtest", "sweeper", str(sweep_id), "--lease", "1"]
    count = "select count(*) from lab.sweep_jobs where job_status = 'DONE'"
    for goal in (1, 4, 9):
        worker = subprocess.Popen(words, env=env, stdout=subprocess.DEVNULL)
        while lab.one(count) < goal and worker.poll() is None:
            time.sleep(0.01)
        worker.kill()
        worker.wait()
    assert 9 <= lab.one(count) < 24
    assert subprocess.run(words, env=env, check=False).returncode == 0
    assert lab.one(count) == 24
    ended = lab.sql(
        "select payload ->> 'backtest_id' as id from audit.events where event_name = 'BACKTEST_ENDED'"
    )
    assert len(ended) == len({row["id"] for row in ended}) == 24
    assert lab.one("select count(*) from lab.backtests where backtest_status <> 'CREATED'") == 24
    for row in lab.sql(
        "select j.backtest_id, c.canonical_json from lab.sweep_jobs as j"
        " join run.configs as c using (config_hash) where j.job_no in (1, 8, 24)"
    ):
        alone = lab.play_config(row["canonical_json"])
        assert alone.row["backtest_id"] == row["backtest_id"]
    lab.conn.close()


def test_the_command_runs_a_sweep_on_several_processes_and_ranks(
    lab: Lab, db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "lab.yaml"
    file.write_text(lab.configure("sma_trend", 10, **WANTS))
    monkeypatch.setenv("MQK_DATABASE_URL", db.login_url("mqk_operator"))
    words = [
        "backtest",
        "sweep",
        str(lab.dataset),
        "--grid",
        "fast_bars=1:3:1",
        "--grid",
        "slow_bars=5,6",
    ]
    words += ["--workers", "2", "--config", str(file), "--json"]
    answers = [CliRunner().invoke(main, words) for _ in range(2)]
    for done in answers:
        assert done.exit_code == 0, done.output
        rows = json.loads(done.stdout)
        assert [row["job_status"] for row in rows] == ["DONE"] * 6
    assert answers[0].stdout == answers[1].stdout
    sweeps = json.loads(CliRunner().invoke(main, ["backtest", "sweeps", "--json"]).stdout)
    assert [(row["jobs"], row["done"]) for row in sweeps] == [(6, 6)]
    ranked = CliRunner().invoke(main, ["backtest", "rank", sweeps[0]["sweep_id"], "--json"])
    assert ranked.stdout == answers[0].stdout


def test_a_worker_of_sweeps_may_trade_nothing_and_read_no_run(db: Database, lab: Lab) -> None:
    with connect(db.login_url("mqk_lab")) as conn:
        for door in ("api.run_list()", "api.orders_list(null)", "api.run_halt(null, null, null)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(f"select {door}")


def test_the_way_to_other_engines_runs_with_any_executor(
    lab: Lab, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / "docs/sweeps.md").read_text()
    block = text.split("```python\n")[1].split("```")[0]
    made: dict[str, Any] = {}
    exec(block, made)
    opened(lab)
    monkeypatch.setenv("MQK_DATABASE_URL", db.login_url("mqk_lab"))
    with ThreadPoolExecutor(2) as executor:
        assert made["spread"](executor, 2) == 6
