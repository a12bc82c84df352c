"""The bench of ingest runs, and says what it measured; no time is asserted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.slow
def test_each_line_of_the_bench_is_a_rate_beside_a_copy(tmp_path: Path) -> None:
    """A bench that nobody runs breaks: every case, with few rows."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "bench" / "ingest.py"), "--rows", "2000", "--batches", "500"],
        env={**os.environ, "MQK_HOME": str(tmp_path)},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["case"] for line in lines] == [
        "copy", "copy_checked", "ingest", "again", "ingest", "memory",
    ]  # fmt: skip
    assert all(line["per_second"] > 0 and line["ratio"] > 0 for line in lines[:-1])
    assert lines[-1]["client_mb"] > 0
