"""The broker's own client library trades on the simulator, unmodified."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator_kit import KEYS, Broker
from support import ROOT

PYTHON = ROOT / ".tool" / "clients" / "bin" / "python"
SCRIPT = Path(__file__).with_name("drive_with_alpaca_py.py")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A simulator; KO stands at 62.50."""
    with Broker(tmp_path / "ledger.jsonl") as made:
        made.control("quote", symbol="KO", price="62.50")
        yield made


@pytest.mark.skipif(not PYTHON.exists(), reason="no alpaca-py in .tool/clients: `make clients`")
def test_alpaca_py_trades_on_the_simulator(broker: Broker) -> None:
    words = [broker.url, broker.stream_url, *KEYS.values()]
    done = subprocess.run(
        [str(PYTHON), str(SCRIPT), *words], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    events = [(event["name"], event["event"]) for event in told.pop("events")]
    assert told == {
        "first_status": "pending_new",
        "bought": "filled",
        "moved": "canceled",
        "refused": {"code": 40010001, "status": 422},
        "orders": ["bought", "moved", "rests", "stop"],
        "position": "10",
        "positions": 1,
        "cash": "99375.00",
        "is_open": True,
        "early_close": "2026-11-27 13:00:00",
        "tradable": True,
        "fills": 1,
        "canceled_at_once": [200],
    }
    assert [event for name, event in events if name == "bought"] == ["pending_new", "new", "fill"]
    assert ("rests", "replaced") in events and ("moved", "canceled") in events
    assert broker.judge()["doubles"] == []
