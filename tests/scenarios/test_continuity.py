"""Laws of the stream: nothing new is sent on books that may lack a fill, and catching up heals it."""

from __future__ import annotations

from typing import Any

import pytest

from kit import Desk


class Lossy:
    """A broker whose stream loses the messages that a test names, and knows or does not know it."""

    def __init__(self, broker: Any, *lost: str, says: str = "LIVE", keeps: bool = True) -> None:
        self.broker, self.lost, self.says, self.keeps = broker, lost, says, keeps
        self.asked: list[list[str]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.broker, name)

    def events(self, cursor: str | None) -> Any:
        """The stream with holes."""
        messages, after = self.broker.events(cursor)
        return [m for m in messages if m["event"] not in self.lost], after

    def continuity(self) -> tuple[str, str]:
        """What the test says."""
        return self.says, "the test says so"

    def recover(self, broker_order_ids: list[str]) -> Any:
        """What the broker remembers."""
        self.asked.append(broker_order_ids)
        return self.broker.recover(broker_order_ids) if self.keeps else []


def stream(desk: Desk, *lost: str, **traits: Any) -> Lossy:
    """Put a lossy stream between the broker and its events worker."""
    lossy = Lossy(desk.broker, *lost, **traits)
    desk.ticks["broker_events"].broker = lossy
    return lossy


@pytest.mark.parametrize(("says", "sent"), [("COLD", 0), ("GAP", 0), ("LIVE", 1)])
def test_nothing_is_submitted_while_the_stream_may_be_incomplete(
    given_desk: Desk, says: str, sent: int
) -> None:
    stream(given_desk, says=says)
    given_desk.plan(2, AAA=10)
    given_desk.tick("gateway")
    assert len(given_desk.broker.orders()) == sent
    assert given_desk.status == "RUNNING"


def test_a_stream_that_has_caught_up_trades_again(given_desk: Desk) -> None:
    lossy = stream(given_desk, says="GAP")
    given_desk.plan(2, AAA=10)
    lossy.says = "LIVE"
    given_desk.tick("broker_events", "gateway")
    assert len(given_desk.broker.orders()) == 1


def test_a_stream_that_was_never_proven_whole_counts_as_broken(given_desk: Desk) -> None:
    given_desk.plan(2, AAA=10)
    given_desk.sql("delete from run.gates where gate = 'CONTINUITY'")
    given_desk.tick("gateway")
    assert given_desk.broker.orders() == []


def filled_in_two(desk: Desk) -> None:
    """An order for 400 AAA that the market fills in two parts at the next session."""
    desk.plan(2, AAA=400)
    desk.tick("gateway", "broker_events")
    desk.sql("update sim.accounts set split_above_qty = 100")
    desk.close(3, ticks=("marketdata",), AAA=100, BBB=50)


def test_a_fill_that_the_stream_lost_is_asked_for_and_booked(given_desk: Desk) -> None:
    lossy = stream(given_desk, "partial_fill")
    filled_in_two(given_desk)
    given_desk.tick("broker_events")
    order = given_desk.sql("select order_status, cum_qty, gap_qty from oms.orders")[0]
    assert order == {"order_status": "FILLED", "cum_qty": 400, "gap_qty": 0}
    assert len(lossy.asked) == 1
    assert given_desk.one("select is_open from run.gates where gate = 'CONTINUITY'") is True


def test_a_fill_that_nobody_can_bring_keeps_the_gate_shut(given_desk: Desk) -> None:
    stream(given_desk, "partial_fill", keeps=False)
    filled_in_two(given_desk)
    given_desk.tick("broker_events")
    assert given_desk.one("select gap_qty from oms.orders") == 200
    assert given_desk.one("select is_open from run.gates where gate = 'CONTINUITY'") is False
    holds = given_desk.call("api.why_all", run_id=given_desk.run_id, now_at=given_desk.now)
    hold = next(h for h in holds if h["gate"] == "gate CONTINUITY")
    assert (hold["is_open"], hold["reason"]) == (False, "1 orders miss a fill")
