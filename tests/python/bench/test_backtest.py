"""The bench of backtests runs, and says what it measured; no time is asserted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.slow
def test_each_engine_has_a_line_and_one_that_is_missing_says_why(tmp_path: Path) -> None:
    """A bench that nobody runs breaks: every workload, with few bars."""
    command = [sys.executable, str(ROOT / "bench" / "backtest.py"), "--bars", "4000"]
    done = subprocess.run(
        [*command, "--engines", "sma_trend_sql", "sma_trend", "backtrader"],
        env={**os.environ, "MQK_HOME": str(tmp_path)},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    engines = ["freeze", "sma_trend_sql", "sma_trend", "backtrader"]
    assert [(line["workload"], line["engine"]) for line in lines] == [
        (workload, engine) for workload in ("W1", "W2", "W3") for engine in engines
    ]
    for _, by_sql, by_python, peer in (lines[n : n + 4] for n in (0, 4, 8)):
        assert by_sql["status"] == by_python["status"] == "COMPLETED"
        assert by_sql["fills"] == by_python["fills"] > 0
        assert by_sql["bars_per_s"] > 0 and by_sql["ratio_to_ours"] == 1
        assert peer.get("why", "").startswith("not installed") or peer["fills"] > 0
