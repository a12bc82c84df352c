"""The provider's own client asks our server, unmodified; and our feed gets what it gets."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from feeds_kit import KEY, REGULAR, TwelveDataServer, make_market
from mqk.feeds import Want
from support import ROOT

PYTHON = ROOT / ".tool" / "clients" / "bin" / "python"
FOUND = PYTHON.exists() and list((ROOT / ".tool/clients").glob("lib/*/site-packages/twelvedata"))
NEEDS_CLIENT = pytest.mark.skipif(
    not FOUND, reason="no twelvedata in .tool/clients: `make clients`"
)
FIRST, LAST = date(2024, 3, 4), date(2024, 3, 8)


@NEEDS_CLIENT
def test_twelvedatas_client_gets_the_bars_that_our_feed_gets() -> None:
    market = make_market(["KO"], "1D", FIRST, LAST, REGULAR)
    with TwelveDataServer(market, datetime(2024, 3, 9, tzinfo=UTC)) as server:
        command = [
            str(PYTHON),
            str(Path(__file__).with_name("ask_with_twelvedata.py")),
            server.url,
            KEY,
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        (batch,) = server.feed().fetch([Want("KO", "1D", FIRST, LAST)])
    told = json.loads(done.stdout.splitlines()[-1])
    names = ("open", "high", "low", "close", "volume")
    theirs = [(bar["datetime"], *(bar[name] for name in names)) for bar in told["exact"]]
    ours = [(row["session_on"], *(row[name] for name in names)) for row in batch.rows]
    assert theirs[::-1] == ours
    assert {bar["low"] for bar in told["usual"]} == {
        "1"
    }  # who does not ask for raw prices gets others
    assert "not found" in told["refused"]
