"""Laws of the main job, run as its user runs it: mqk demo, on a small number of sessions."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from support import SERVER

ROOT = Path(__file__).resolve().parents[3]
MQK = str(Path(sys.executable).with_name("mqk"))
SESSIONS = "30"
ARTIFACTS = {
    "audit.jsonl",
    "equity_curve.csv",
    "fills.csv",
    "manifest.json",
    "metrics.json",
    "orders.csv",
    "report.html",
}


GOLDEN = {  # of 30 sessions: kept here, so that a commit that changes what is traded says so
    "equity": "3bc51878464d35a7115cb47ddf17869b3f3d79c19c38f915e2940896fba92c2b",
    "fills": "7b5cd0eb6f59fc359b4c82f9e8314c3329d44a7f95d205a447551ace4b1d8a4d",
    "ledger": "139314c100b798ac7cbcc84d8d32cc8734aaa607c49ef848e593fc9667b02774",
    "orders": "0cd916ea413986ad0d864ff78ca5eec2e7bc0d799eba0f6d2fb1b01d7b7bf670",
}


def run_demo(folder: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """mqk demo in a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "MQK_"))}
    command = [MQK, "demo", "--sessions", SESSIONS, "--json", *words]
    return subprocess.run(
        command, cwd=folder, env={**kept, **env}, capture_output=True, text=True, check=False
    )


def result(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Its figures; it must have succeeded."""
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.fixture
def paper_db() -> Iterator[Any]:
    """A database for the paper broker alone."""
    with SERVER.empty() as database:
        yield database


def test_two_demos_give_the_same_digests(
    empty_db: Any, other_empty_db: Any, paper_db: Any, tmp_path: Path
) -> None:
    one = result(
        run_demo(tmp_path / "1", MQK_DATABASE_URL=empty_db.url, MQK_PAPER_URL=paper_db.url)
    )
    two = result(run_demo(tmp_path / "2", MQK_DATABASE_URL=other_empty_db.url))
    assert one == two
    assert {name: one["digests"][name] for name in GOLDEN} == GOLDEN
    assert (one["run_status"], one["reconcile"], one["invariants_broken"]) == (
        "STOPPED",
        "CLEAN",
        [],
    )
    assert one["replay_differs"] == []
    assert one["orders"] > 0 and one["fills"] > one["orders"] - 5
    names = {path.name for path in (tmp_path / "1/exports" / one["run_id"]).iterdir()}
    assert names == ARTIFACTS == set(one["files"])
    for name in ARTIFACTS:
        first, second = (tmp_path / n / "exports" / one["run_id"] / name for n in "12")
        assert first.read_bytes() == second.read_bytes(), name


def mqk(url: str, *words: str) -> Any:
    """What another command answers, as JSON."""
    command = [MQK, *words, "--json"]
    env = {**os.environ, "MQK_DATABASE_URL": url}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_a_backtest_of_the_demos_bars_does_what_the_demo_did(empty_db: Any, tmp_path: Path) -> None:
    run_id = result(run_demo(tmp_path, MQK_DATABASE_URL=empty_db.url))["run_id"]
    with (ROOT / "config/calendars/XNYS.csv").open() as source:
        days = [row["session_on"] for row in csv.DictReader(source)]
    first = days.index("2009-01-02")
    window = ("--from", days[first - 49], "--to", days[first + int(SESSIONS) - 1])
    test = mqk(empty_db.url, "backtest", "run", "--environment", "demo", *window)[0]
    assert test["fills"] > 0
    assert mqk(empty_db.url, "backtest", "parity", test["backtest_id"], run_id) == []


def test_a_demo_on_a_server_that_has_had_one_is_another_run(empty_db: Any, tmp_path: Path) -> None:
    runs = [
        result(run_demo(tmp_path, "--strategy", strategy, MQK_DATABASE_URL=empty_db.url))
        for strategy in ("sma_trend", "sma_trend_sql")
    ]
    assert runs[0]["run_id"] != runs[1]["run_id"]
    for name in ("orders", "fills", "trades", "final_equity_micros", "max_drawdown"):
        assert runs[0][name] == runs[1][name], f"Python and SQL differ in {name}"


def test_a_demo_that_is_broken_off_leaves_a_halted_run(empty_db: Any, tmp_path: Path) -> None:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "MQK_"))}
    process = subprocess.Popen(
        [MQK, "demo"], cwd=tmp_path, env={**env, "MQK_DATABASE_URL": empty_db.url},
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    for line in process.stderr:
        if "is running on" in line:
            break
    process.send_signal(2)
    process.wait(30)
    process.stderr.close()
    with empty_db.connect() as conn:
        row = conn.execute(
            "select h.to_status, h.reason from run.run_history as h order by h.history_seq desc"
        ).fetchone()
    assert row == {"to_status": "HALTED", "reason": "the demo was broken off: KeyboardInterrupt"}


def test_the_embedded_desk_needs_nothing_but_a_folder(tmp_path: Path) -> None:
    home = str(tmp_path / "home")
    try:
        made = result(run_demo(tmp_path, MQK_HOME=home))
        again = subprocess.run(
            [MQK, "db", "start", "--json"], env={"MQK_HOME": home, "PATH": os.defpath},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        url = json.loads(again.stdout)[0]["url"]
        with psycopg.connect(url) as conn:
            logins = conn.execute("select actor from oms.outbox_history group by 1").fetchall()
    finally:
        subprocess.run([MQK, "db", "stop"], env={"MQK_HOME": home, "PATH": os.defpath}, check=True)
    assert {name for (name,) in logins} == {"desk_strategy", "desk_dispatch", "desk_inbox"}
    assert made["reconcile"] == "CLEAN"
    assert re.fullmatch(r"[0-9a-f]{64}", made["digests"]["audit"])
