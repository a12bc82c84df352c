"""Laws of parity: the backtest and the desk do the same, to the micro, to the tick of the halt."""

from __future__ import annotations

import pytest

from parity_kit import ParityDesk
from support import Database


@pytest.mark.parametrize("seed", range(24))
def test_a_backtest_does_what_the_desk_does(db: Database, seed: int) -> None:
    desk = ParityDesk(db.url, seed)
    last = desk.play()
    done = desk.backtest(last)
    differences = desk.call(
        "api.backtest_parity", backtest_id=done["backtest_id"], run_id=desk.run_id
    )
    assert differences == []
    assert (done["ticks"], done["backtest_status"]) == (
        last + 1,
        "COMPLETED" if desk.status == "RUNNING" else "HALTED",
    )
    assert done["halt_reason"] is None or done["halt_reason"] in desk.halt_reason
    assert desk.broken_promises() == []
    desk.conn.close()
