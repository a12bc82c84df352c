"""Laws of the pattern day trader: counted from our own fills, over sessions of the calendar."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from kit import GIVEN, Desk


class Quiet:
    """A broker that takes every order and says nothing; what became of it the test tells."""

    def __init__(self) -> None:
        self.taken: dict[str, str] = {}

    def find(self, name: str) -> str | None:
        """The broker's id of an order."""
        return self.taken.get(name)

    def submit(self, permit: Mapping[str, Any]) -> str:
        """Take an order."""
        return self.taken.setdefault(str(permit["client_order_id"]), f"q-{len(self.taken)}")


def open_desk(db: Any, cash: int, mode: str) -> Desk:
    """A running desk whose strategy asks for stops, at a quiet broker."""
    desk = Desk(
        db.url,
        strategy={**GIVEN, "protective_stop_bps": 500},
        broker={"initial_cash": cash},
        runtime={"gate_ttl_seconds": 1728000},  # no reconcile while the broker is quiet
        risk={"pdt": {"mode": mode}, "daily_loss_limit": 1, "max_drawdown": 1},
    )
    desk.start()
    desk.broker = desk.ticks["gateway"].broker = Quiet()  # type: ignore[assignment]
    return desk


def close(desk: Desk, index: int) -> None:
    """Session `index` closes; AAA at 100."""
    for tick in desk.ticks.values():
        tick.broker = desk.broker if tick.kind == "gateway" else None
    desk.close(index, ticks=("marketdata",), AAA=100, BBB=50)


def decide(desk: Desk, target: int) -> str:
    """The strategy's target of AAA; give the rule."""
    lease = desk.lease("strategist")
    return str(
        desk.call("io.plan_intents", **lease, targets={"AAA": target}, now_at=desk.now)[0]["rule"]
    )


def fill(desk: Desk, kind: str, price: str) -> None:
    """The newest order of a type is sent and filled, a second later."""
    desk.tick("gateway")
    desk.clock.move_to(desk.now + timedelta(seconds=1))
    newest = "select client_order_id from oms.orders where order_type = %s order by created_at desc"
    name = str(desk.one(newest, kind))
    message = {"qty": 10, "cum_qty": 10, "price": price, "fee": "0", "execution_id": f"x{name}"}
    assert desk.receive(desk.event(name, "fill", **message)) == ["APPLIED"]


def day_trade(desk: Desk, index: int, price: str = "100") -> str:
    """After session `index`: buy 10 AAA, and be stopped out before the next one closes."""
    close(desk, index)
    rule = decide(desk, 10)
    if rule == "NONE":
        fill(desk, "MARKET", "100")
        desk.call("io.plan_stops", **desk.lease("strategist"), now_at=desk.now)
        fill(desk, "STOP", price)
        desk.call("io.plan_stops", **desk.lease("strategist"), now_at=desk.now)
    return rule


def flagged(desk: Desk) -> Any:
    """Whether the account counts as a day trader's."""
    return desk.value("risk.get_day_trader_flag", account_id=desk.run["account_id"])


def test_the_fourth_day_trade_in_five_sessions_is_not_begun_below_the_least_equity(
    db: Any,
) -> None:
    desk = open_desk(db, 24999, "AUTO")
    assert [day_trade(desk, index) for index in (2, 3, 4)] == ["NONE"] * 3
    assert [day_trade(desk, index) for index in (5, 6)] == ["PDT_WOULD_EXCEED_LIMIT"] * 2
    assert day_trade(desk, 7) == "NONE"  # the first one is the sixth session back
    assert flagged(desk) is False
    assert desk.broken_promises() == []


@pytest.mark.parametrize(("cash", "mode"), [(25000, "AUTO"), (1000, "OFF")])
def test_at_the_least_equity_or_without_the_rule_day_trades_are_free(
    db: Any, cash: int, mode: str
) -> None:
    desk = open_desk(db, cash, mode)
    assert [day_trade(desk, index) for index in (2, 3, 4)] == ["NONE"] * 3
    rule = day_trade(desk, 5)
    assert (rule, flagged(desk)) == ("NONE", mode == "AUTO")


def test_a_position_held_overnight_is_no_day_trade(db: Any) -> None:
    desk = open_desk(db, 24999, "ALWAYS")
    for index in (2, 4, 6):
        close(desk, index)
        assert decide(desk, 10) == "NONE"
        fill(desk, "MARKET", "100")
        close(desk, index + 1)
        desk.call("io.plan_stops", **desk.lease("strategist"), now_at=desk.now)
        fill(desk, "STOP", "95")
        desk.call("io.plan_stops", **desk.lease("strategist"), now_at=desk.now)
    assert desk.one("select risk.count_day_trades(%s, %s)", desk.run["account_id"], desk.now) == 0


def test_a_flag_outlives_the_window_until_a_person_clears_it(db: Any) -> None:
    desk = open_desk(db, 25003, "AUTO")
    assert [day_trade(desk, index) for index in (2, 3, 4)] == ["NONE"] * 3
    assert day_trade(desk, 5, "99") == "NONE"  # ten dollars lost: below 25000 now
    assert flagged(desk) is True
    for index in range(6, 13):
        close(desk, index)
        assert decide(desk, 10) == "PDT_FLAGGED_BELOW_MIN_EQUITY"
    row = desk.act("risk_clear_day_trader", run_id=desk.run_id, reason="the broker agreed")
    assert (row["outcome"], row["detail"], flagged(desk)) == ("DONE", "cleared", False)
    close(desk, 13)
    assert decide(desk, 10) == "NONE"
    row = desk.act("risk_clear_day_trader", run_id=desk.run_id, reason="again")
    assert row["detail"] == "was not flagged"


def test_a_flagged_account_opens_nothing_at_any_equity_where_the_rule_is_strict(db: Any) -> None:
    desk = open_desk(db, 100000, "AUTO")
    for index in (2, 3, 4, 5):
        assert day_trade(desk, index) == "NONE"
    desk.sql("alter table risk.limits disable trigger user")
    desk.sql("update risk.limits set pdt_mode = 'ALWAYS'")
    close(desk, 6)
    assert decide(desk, 10) == "PDT_FLAGGED"
