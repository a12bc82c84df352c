"""A property: whatever a broker shows, in any order, the books stay, and no lie is CLEAN."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit import Desk
from recon_kit import BOOKS, hand_in, trade

SHARES = st.sampled_from(["10", "10.0", "9", "0", "-10", "10.5", "ten", "", None, 10, "1e1"])
CASH = st.sampled_from(
    ["99000", "99000.01", "98999.99", "99000.010001", "98999.989999", "0", "9" * 15, None, "NaN"]
)
NAMES = st.sampled_from(["web-1", "TEST_" + "0" * 32, "OTHER_1", "", None, "x" * 300])
ORDERS = st.lists(
    st.one_of(
        st.none(),
        st.integers(),
        st.fixed_dictionaries(
            {},
            optional={
                "client_order_id": NAMES,
                "symbol": st.sampled_from(["AAA", "", None]),
                "side": st.sampled_from(["buy", "sell", "hold", None]),
                "qty": SHARES,
                "filled_qty": SHARES,
                "status": st.sampled_from(["new", "filled", "canceled", "odd", None]),
                "limit_price": st.sampled_from(["1", "x", None]),
            },
        ),
    ),
    max_size=3,
)
POSITIONS = st.lists(
    st.one_of(
        st.none(),
        st.fixed_dictionaries(
            {}, optional={"symbol": st.sampled_from(["AAA", "BBB", None]), "qty": SHARES}
        ),
    ),
    max_size=2,
)
STEPS = st.lists(
    st.fixed_dictionaries(
        {
            "lag": st.sampled_from([-3, 0, 0, 0, 1, 30, 61]),
            "wait": st.sampled_from([0, 1, 6]),
            "change": st.fixed_dictionaries(
                {},
                optional={
                    "cash": CASH,
                    "positions": POSITIONS,
                    "orders": ORDERS,
                    "account_id": st.sampled_from(["OTHER-1", None]),
                    "source": st.sampled_from(["alpaca", None]),
                    "captured_at": st.sampled_from(["", "0000-00-00T00:00:00Z", None, 0]),
                },
            ),
        }
    ),
    min_size=1,
    max_size=8,
)


def exact(text: Any) -> Decimal | None:
    """A number as the broker wrote it, or None."""
    try:
        number = Decimal(str(text))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def is_true(document: dict[str, Any]) -> bool:
    """Whether positions and cash are ours within the tolerance, by other means than the reconcile."""
    rows = document["positions"]
    if not all(isinstance(row, dict) and row.get("symbol") for row in rows):
        return False
    held = {row["symbol"]: exact(row.get("qty")) for row in rows}
    cash = exact(document["cash"])
    close = cash is not None and abs(cash - 99000) <= Decimal("0.01")
    return close and {k: v for k, v in held.items() if v != 0} == {"AAA": 10}


@pytest.fixture
def holding(given_desk: Desk) -> Desk:
    """A desk at rest that owns 10 AAA and 99,000 dollars; one for all examples."""
    trade(given_desk)
    return given_desk


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_no_snapshots_change_the_books_and_none_that_lies_is_clean(
    holding: Desk, steps: list[dict[str, Any]]
) -> None:
    desk = holding
    before = (desk.one(BOOKS), desk.sql("select order_status, cum_qty from oms.orders"))
    for step in steps:
        desk.clock.move_to(desk.now + timedelta(seconds=step["wait"]))
        at = (desk.now - timedelta(seconds=step["lag"])).isoformat()
        document = {**desk.broker.snapshot(), "captured_at": at, **step["change"]}
        verdict, _ = hand_in(desk, document)
        assert verdict != "CLEAN" or is_true(document)
    assert (desk.one(BOOKS), desk.sql("select order_status, cum_qty from oms.orders")) == before
    desk.clock.move_to(desk.now + timedelta(seconds=100))
    assert hand_in(desk, desk.broker.snapshot())[0] == "CLEAN"
