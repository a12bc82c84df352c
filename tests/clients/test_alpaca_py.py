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
HERE = Path(__file__).parent
NEEDS_CLIENT = pytest.mark.skipif(
    not PYTHON.exists(), reason="no alpaca-py in .tool/clients: `make clients`"
)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A simulator; KO stands at 62.50."""
    with Broker(tmp_path / "ledger.jsonl") as made:
        made.control("quote", symbol="KO", price="62.50")
        yield made


def run(script: str, *words: str) -> str:
    """The last line that a script of the client's environment prints."""
    command = [str(PYTHON), str(HERE / script), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


@NEEDS_CLIENT
def test_alpaca_py_trades_on_the_simulator(broker: Broker) -> None:
    told = json.loads(run("drive_with_alpaca_py.py", broker.url, broker.stream_url, *KEYS.values()))
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


@pytest.mark.slow
@NEEDS_CLIENT
def test_alpaca_py_makes_four_orders_of_one_without_a_name(broker: Broker) -> None:
    broker.faults("error_after", status=504, times=3)
    assert run("retry_with_alpaca_py.py", broker.url, *KEYS.values()) == "taken"
    assert broker.judge()["positions"] == {"KO": "4"}


@pytest.mark.slow
@NEEDS_CLIENT
def test_alpaca_py_takes_its_own_retry_for_a_refusal(broker: Broker) -> None:
    broker.faults("error_after", status=504)
    assert run("retry_with_alpaca_py.py", broker.url, *KEYS.values(), "mine") == "40010001"
    judged = broker.judge()
    assert judged["positions"] == {"KO": "1"}
    submit = judged["submits"]["mine"]
    assert (submit["received"], submit["accepted"], submit["refused"]) == (2, 1, 1)
