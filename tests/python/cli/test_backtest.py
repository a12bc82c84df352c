"""Laws of `mqk backtest`: what a person types, on a market that was loaded, down to the files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kit import Desk
from support import SERVER, open_terminal

MQK = str(Path(sys.executable).with_name("mqk"))
PRICES = (110, 120, 130, 90, 80, 120, 130, 90, 100, 120, 110, 140)
CONFIG = """
engine: {engine_id: LAB}
data: {benchmark_symbol: IDX, outlier_policy: IGNORE, split_tolerance_bps: 0}
risk: {daily_loss_limit: 0.5, max_drawdown: 0.9}
execution: {slippage_bps: %d}
strategy:
  strategy_id: sma_trend_sql
  window_bars: 2
  symbols: [AAA, BBB]
  parameters: {fast_bars: 1, slow_bars: 2, weight_bps: 2000}
"""


class Shell:
    """An operator's shell on a desk whose market is loaded."""

    def __init__(self, url: str, folder: Path) -> None:
        self.desk = Desk(url)
        for index, price in enumerate(PRICES):
            self.desk.add_bars(self.desk.days[index], AAA=price, BBB=50, IDX=1000 + price)
        self.desk.clock.move_to(self.desk.clock() + timedelta(days=60))
        self.desk.ingest(self.desk.market.rows)
        self.folder = folder
        self.days = [str(self.desk.days[n]) for n in (0, len(PRICES) - 1)]
        self.env = {**os.environ, "MQK_DATABASE_URL": url}
        for bps in (5, 50):
            (folder / f"{bps}.yaml").write_text(CONFIG % bps)

    def run(self, *words: Any) -> subprocess.CompletedProcess[str]:
        """A command, to its end."""
        command = [MQK, "backtest", *map(str, words)]
        return subprocess.run(
            command, env=self.env, cwd=self.folder, capture_output=True, text=True, check=False
        )

    def read(self, *words: Any) -> Any:
        """What a command says in JSON."""
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def test(self, bps: int, *words: Any) -> dict[str, Any]:
        """Run the backtest of a file on bars that are frozen for it."""
        first, last = self.days
        made = self.read("run", "--config", f"{bps}.yaml", "--from", first, "--to", last, *words)
        assert len(made) == 1
        return dict(made[0])


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    with SERVER.clone() as database:
        made = Shell(database.url, tmp_path_factory.mktemp("lab"))
        yield made
        made.desk.conn.close()


def test_a_run_freezes_what_its_config_names_and_is_the_one_on_that_dataset(shell: Shell) -> None:
    first, last = shell.days
    made = shell.test(5)
    frozen = shell.read("freeze", "--symbols", "AAA, BBB", "--from", first, "--to", last)[0]
    again = shell.read("run", frozen["dataset_id"], "--config", "5.yaml")[0]
    assert again == made
    assert (made["dataset_id"], made["ticks"]) == (frozen["dataset_id"], len(PRICES))
    assert made["fills"] > 0
    assert made["backtest_id"] in [row["backtest_id"] for row in shell.read("list")]


@pytest.mark.parametrize(
    "words",
    [(), ("--from", "2024-01-02"), ("--to", "2024-01-31"), ("00000000-0000-0000-0000-000000000007",
     "--from", "2024-01-02"), ("00000000-0000-0000-0000-000000000007", "--from", "2024-01-02",
     "--to", "2024-01-31")],
)  # fmt: skip
def test_a_run_has_a_dataset_or_two_days_and_never_both(shell: Shell, words: Any) -> None:
    done = shell.run("run", "--config", "5.yaml", *words)
    assert done.returncode == 2
    assert "Name a dataset, or the first and last session" in done.stderr


def test_a_run_writes_what_report_writes_and_shows_its_figures(shell: Shell) -> None:
    first, last = shell.days
    words = ("run", "--config", "5.yaml", "--from", first, "--to", last, "--out", "a")
    done = shell.run(*words)
    assert done.returncode == 0, done.stderr
    made = shell.test(5)
    assert f"backtest {made['backtest_id']}: COMPLETED" in done.stdout
    for figure in ("Final equity", "Sharpe", "Worst five sessions", "Profit factor after fees"):
        assert figure in done.stdout
    assert "ticks" not in done.stderr  # no bar where nobody looks
    said = shell.read("report", made["backtest_id"], "--out", "b")
    folders = [shell.folder / name / made["backtest_id"] for name in ("a", "b")]
    written = [{p.name: p.read_bytes() for p in folder.iterdir()} for folder in folders]
    assert written[0] == written[1]
    assert {row["file"] for row in said} == set(written[0])
    manifest = json.loads(written[0]["manifest.json"])
    assert len(manifest["program"]["build"]) == len(manifest["host"]["fingerprint"]) == 64
    assert manifest["program"]["git_is_dirty"] in (True, False, None)
    assert manifest["backtest"]["digest"] == made["digest"]


def test_show_gives_the_document_and_lays_a_run_beside(shell: Shell) -> None:
    made = shell.test(5)
    document = shell.read("show", made["backtest_id"], "--run", shell.desk.run_id)
    assert document["backtest"]["digest"] == made["digest"]
    assert document["metrics"]["final_equity_micros"] == made["equity_micros"]
    assert document["paper"]["differences"]  # the run did nothing
    text = shell.run("show", made["backtest_id"], "--run", shell.desk.run_id).stdout
    assert "of backtest" in text
    assert "of run" in text


def test_compare_names_the_key_and_the_first_fill_that_differ(shell: Shell) -> None:
    one, two = (shell.test(bps)["backtest_id"] for bps in (5, 50))
    rows = shell.read("compare", one, two)
    config = [row for row in rows if row["part"] == "config"]
    assert [(row["name"], row["of_first"], row["of_second"]) for row in config] == [
        ("execution.slippage_bps", "5", "50")
    ]
    assert "first differing fill" in {row["part"] for row in rows}


def test_a_person_sees_the_ticks_go_by(shell: Shell) -> None:
    (shell.folder / "7.yaml").write_text(CONFIG % 7)
    first, last = shell.days
    command = [MQK, "backtest", "run", "--config", "7.yaml", "--from", first, "--to", last]
    ours, theirs = open_terminal()
    with subprocess.Popen(
        command, env={**shell.env, "TERM": "xterm"}, cwd=shell.folder, stderr=theirs,
        stdout=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        os.close(theirs)
        seen = b""
        try:
            while part := os.read(ours, 4096):
                seen += part
        except OSError:  # the other end is closed
            pass
        assert process.wait(60) == 0
    os.close(ours)
    assert f"{len(PRICES)}/{len(PRICES)}".encode() in seen
