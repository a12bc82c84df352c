"""The bench of the live path runs, and says what it measured; no time is asserted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SMALL = ["--orders", "20", "--symbols", "4", "--rows", "1000", "--seconds", "1"]


@pytest.mark.slow
def test_each_line_of_the_bench_is_a_rate_with_its_ratio_or_a_function(tmp_path: Path) -> None:
    """A bench that nobody runs breaks: every case, with few orders."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "bench" / "live_path.py"), *SMALL],
        env={**os.environ, "MQK_HOME": str(tmp_path)},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    cases = {(line["case"], line.get("workers"), line.get("batch")) for line in lines}
    assert {("orders", n, b) for n in (1, 4) for b in (1, 200)} <= cases
    assert {("inbox", 1, b) for b in (1, 20, 200)} <= cases
    empty, grown = [line["rows"] for line in lines if line["case"] == "growth"]
    assert empty == 0
    assert grown >= 1000
    for line in lines:
        if line["case"] == "function":
            assert line["last_us"] >= 0
        else:
            assert line["ratio"] > 0
            assert line["per_second"] > 0
    assert list(tmp_path.iterdir()) == []
