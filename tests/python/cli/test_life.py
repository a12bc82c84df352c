"""A run's whole life by the real clock: the commands that an operator types, the workers that systemd
starts, nothing but processes.
"""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from support import allow_short_days, worker_url

MQK = str(Path(sys.executable).with_name("mqk"))
WORKERS = ("marketdata", "broker_events", "snapshots", "strategist", "gateway", "deadman")
SESSION = timedelta(seconds=6)  # one every six seconds: the calendar says what a session is
PAST, FUTURE = 5, 60
PATIENCE = 90  # seconds until a test gives up
CONFIG = """
engine: {engine_id: LIFE}
runtime: {deadman_ttl_seconds: 5, deadman_file: true}
broker: {account_id: PAPER-LIFE-0001}
data: {gap_window_bars: 2, outlier_policy: IGNORE, benchmark_symbol: IDX}
strategy:
  window_bars: 2
  symbols: [AAA]
  parameters: {fast_bars: 1, slow_bars: 2, weight_bps: 2000}
"""


class Shell:
    """An operator's shell on one desk."""

    def __init__(self, url: str, folder: Path) -> None:
        self.folder = folder
        self.deadman_file = folder / "LIFE.armed"
        self.env = {**os.environ, "MQK_DATABASE_URL": url, "MQK_ENGINE": "LIFE",
                    "MQK_HALT_DIR": str(folder)}  # fmt: skip
        self.url = url
        self.started: dict[str, subprocess.Popen[str]] = {}

    def run(self, *words: Any) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        command = [MQK, *map(str, words)]
        return subprocess.run(
            command,
            env=self.env_of(*words),
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )

    def env_of(self, *words: Any) -> dict[str, str]:
        """A worker logs in as what it is."""
        if words[0] != "worker":
            return self.env
        return {**self.env, "MQK_DATABASE_URL": worker_url(self.url, words[1])}

    def ok(self, *words: Any) -> Any:
        """A command that must succeed; gives what it prints as JSON."""
        done = self.run(*words, "--json")
        assert done.returncode == 0, f"mqk {' '.join(map(str, words))}: {done.stderr}"
        return json.loads(done.stdout)

    def start(self, *names: str) -> None:
        """Start workers."""
        for name in names:
            command = [MQK, "worker", name, "--interval", "0.3"]
            with (self.folder / f"{name}.log").open("a") as log:
                self.started[name] = subprocess.Popen(
                    command, env=self.env_of("worker", name), cwd=self.folder, stderr=log, text=True
                )

    def end(self, number: signal.Signals, *names: str) -> list[int]:
        """Send a signal to workers; give their exit codes."""
        going = [self.started.pop(name) for name in names]
        for process in going:
            process.send_signal(number)
        return [process.wait(20) for process in going]

    def wait_for(self, what: Callable[[], Any]) -> Any:
        """Feed the bars that have closed until `what` gives something."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            self.run("md", "ingest", "bars.csv", "--keep-good")
            if found := what():
                return found
        logs = "\n".join(p.read_text()[-600:] for p in self.folder.glob("*.log"))
        raise AssertionError(f"it never came: {logs}")


def write_csv(path: Path, header: str, rows: list[tuple[Any, ...]]) -> None:
    """A CSV file."""
    with path.open("w", newline="") as target:
        csv.writer(target).writerows([header.split(","), *rows])


def write_market(folder: Path) -> None:
    """A calendar around now, two instruments and the bars of all its sessions."""
    first_day, now = datetime.now(UTC).date() - timedelta(days=PAST), datetime.now(UTC)
    days = [first_day + timedelta(days=n) for n in range(PAST + FUTURE)]
    closes = [now + SESSION * (n - PAST + 1) for n in range(PAST + FUTURE)]
    write_csv(
        folder / "calendar.csv",
        "exchange_id,time_zone,session_on,opens_at,closes_at,is_half_day",
        [
            ("XTST", "UTC", d, (c - SESSION / 2).isoformat(), c.isoformat(), "false")
            for d, c in zip(days, closes, strict=True)
        ],
    )
    write_csv(
        folder / "instruments.csv",
        "symbol,exchange_id,instrument_kind,name,listed_on,delisted_on",
        [(s, "XTST", k, s, "", "") for s, k in (("AAA", "EQUITY"), ("IDX", "INDEX"))],
    )
    write_csv(
        folder / "bars.csv",
        "symbol,timeframe,session_on,open,high,low,close,volume",
        [
            (symbol, "1D", d, p, p, p, p, 1_000_000)
            for symbol in ("AAA", "IDX")
            for d, p in zip(days, range(100, 1000), strict=False)
        ],
    )


@pytest.fixture
def shell(empty_db: Any, tmp_path: Path) -> Iterator[Shell]:
    """A shell on a database in which nothing is deployed; its workers are gone at the end."""
    made = Shell(empty_db.url, tmp_path)
    (tmp_path / "own.yaml").write_text(CONFIG)
    yield made
    for process in made.started.values():
        process.kill()
        process.wait()


def find_ready(shell: Shell, run_id: str) -> Any:
    """What preflight says, once it passes."""
    said = shell.run("run", "preflight", run_id)
    return said if said.returncode == 0 else None


def begin(shell: Shell) -> tuple[str, str]:
    """From an empty database to a running run; gives its id and the words that armed it."""
    shell.run("db", "deploy")
    allow_short_days(shell.url)
    write_market(shell.folder)
    shell.ok("md", "load-calendar", "calendar.csv")
    shell.ok("md", "load-instruments", "instruments.csv")
    early = shell.run("md", "ingest", "bars.csv")
    assert early.returncode == 2 and "NOT_CLOSED" in early.stderr
    assert shell.ok("md", "status") == []  # nothing half-written
    shell.run("md", "ingest", "bars.csv", "--keep-good")

    unknown = shell.run("run", "create", "--config", "own.yaml")
    assert unknown.returncode == 2 and "MQN05" in unknown.stderr
    assert shell.run("worker", "strategist", "--once").returncode == 0  # announces
    run_id = str(shell.ok("run", "create", "--config", "own.yaml")[0]["run_id"])
    blind = shell.run("run", "preflight", run_id)
    assert blind.returncode == 3
    assert "MQG03" in blind.stderr and "gate_recon" in blind.stderr
    assert "workers_are_alive" in blind.stderr
    shell.start(*WORKERS)
    ready = shell.wait_for(lambda: find_ready(shell, run_id))
    words = ready.stdout.rsplit("--confirm '", 1)[1].split("'")[0]

    assert shell.run("run", "begin", run_id).returncode == 3  # not armed
    wrong = shell.run("run", "arm", run_id, "--confirm", words.lower())
    assert wrong.returncode == 2 and "MQA11" in wrong.stderr
    assert not shell.deadman_file.exists()
    shell.ok("run", "arm", run_id, "--confirm", words)
    assert shell.deadman_file.read_text() == f"{run_id}\n"
    shell.ok("run", "begin", run_id)
    return run_id, words


def status(shell: Shell, run_id: str) -> str:
    """Where the run stands."""
    return str(shell.ok("run", "show", run_id)["run_status"])


def test_a_run_lives_by_its_commands_and_workers_alone(shell: Shell) -> None:
    run_id, words = begin(shell)
    fills = shell.wait_for(lambda: shell.ok("orders", "fills", run_id))
    assert {row["symbol"] for row in fills} == {"AAA"}
    shell.wait_for(
        lambda: [r for r in shell.ok("recon", "list", run_id)[:1] if r["verdict"] == "CLEAN"]
    )

    codes = shell.end(signal.SIGTERM, *WORKERS[:-1])
    assert codes == [0] * 5
    assert '"event": "stopped"' in (shell.folder / "gateway.log").read_text()

    assert shell.run("run", "check-health").returncode in (0, 3)
    shell.wait_for(lambda: status(shell, run_id) == "HALTED")  # the deadman missed them
    shell.start(*WORKERS[:-1])
    time.sleep(2)
    assert status(shell, run_id) == "HALTED"  # a restart does not forget
    assert shell.run("run", "check-health").stdout.strip() == "no run is running"
    shell.wait_for(lambda: not shell.deadman_file.exists())  # the gateway of a halted run drops it
    again = shell.run("run", "arm", run_id, "--confirm", words)
    assert again.returncode == 3 and "run_may_be_armed" in again.stderr
    shell.ok("run", "clear-halted", run_id, "--reason", "the workers were restarted")
    assert status(shell, run_id) == "STOPPED"

    assert shell.ok("verify") and shell.ok("audit", "verify")
    assert shell.ok("recon", "verify", run_id)[0]["problem"] is None
    files = shell.ok("report", "export", run_id, "--out", "out")
    assert {row["file"] for row in files} >= {"report.html", "manifest.json", "audit.jsonl"}
    actions = shell.ok("audit", "actions")
    assert [a["outcome"] for a in actions].count("REFUSED") >= 3
    assert shell.end(signal.SIGTERM, *WORKERS) == [0] * 6


def test_a_running_run_ends_with_its_deadman_file(shell: Shell) -> None:
    run_id, _ = begin(shell)
    alive = shell.ok("run", "check-health")
    assert [row["is_alive"] for row in alive] == [True] * 3
    shell.deadman_file.unlink()
    shell.wait_for(lambda: status(shell, run_id) == "HALTED")
    assert "deadman file" in str(shell.ok("run", "show", run_id)["halt_reason"])
    assert shell.end(signal.SIGTERM, *WORKERS) == [0] * 6


def test_a_flatten_closes_everything_by_commands_and_workers_alone(shell: Shell) -> None:
    run_id, _ = begin(shell)
    shell.wait_for(lambda: shell.ok("orders", "fills", run_id))
    shell.ok("risk", "restrict", "AAA", "ZZZ", "--reason", "compliance")
    assert [r["symbol"] for r in shell.ok("risk", "restrictions")] == ["AAA", "ZZZ"]
    shell.ok("run", "flatten", run_id, "--reason", "fire")
    trip = shell.ok("risk", "trips", run_id)[0]
    assert (status(shell, run_id), trip["trip_kind"], trip["reason"]) == (
        "HALTED",
        "MANUAL",
        "fire",
    )
    shell.wait_for(
        lambda: [t for t in shell.ok("risk", "trips", run_id)[:1] if t["flatten"] == "DONE"]
    )
    assert [r for r in shell.ok("position", "list", run_id) if r["position_qty"]] == []
    assert status(shell, run_id) == "HALTED"
    assert shell.ok("verify")
    assert shell.end(signal.SIGTERM, *WORKERS) == [0] * 6
