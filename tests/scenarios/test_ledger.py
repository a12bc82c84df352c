"""Laws of the books: FIFO by other people's numbers, conservation to the micro, no hand in the till."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit import Desk
from mqk.errors import MqkError
from support import ROOT, SERVER

CASES = json.loads((ROOT / "tests/oracles/fifo_lots.json").read_text())["cases"]
CASH = 100_000_000_000


def post(desk: Desk, number: int, qty: int, price_micros: int, fee_micros: int = 0) -> None:
    """Book one execution of AAA."""
    desk.call(
        "ledger.post_fill",
        run_id=desk.run_id,
        account_id="PAPER-TEST-0001",
        execution_id=f"x{number}",
        client_order_id="oracle",
        symbol="AAA",
        fill_qty=qty,
        price_micros=price_micros,
        fee_micros=fee_micros,
        is_late=False,
        corrects_seq=None,
        executed_at=desk.now + timedelta(seconds=number),
        now_at=desk.now,
    )


def books(desk: Desk) -> dict[str, Any]:
    """The portfolio."""
    return desk.sql("select * from ledger.portfolios")[0]


def held(desk: Desk) -> list[tuple[int, int]]:
    """Open lots as (quantity, entry price), oldest first."""
    rows = desk.sql("select * from ledger.lots where open_qty <> 0 order by queue_no")
    return [(row["open_qty"], row["entry_price_micros"]) for row in rows]


def micros(text: str) -> int:
    """Dollars as micros, exactly."""
    return int(Decimal(text) * 1_000_000)


@pytest.fixture
def book(db: Any) -> Any:
    """A desk with books and no invariants to keep: the fills here have no orders."""
    desk = Desk(db.url)
    yield desk
    desk.conn.close()


@pytest.mark.parametrize("side", [1, -1], ids=["as given", "mirrored"])
@pytest.mark.parametrize("name", CASES)
def test_lots_close_as_the_oracle_closes_them(book: Desk, name: str, side: int) -> None:
    case = CASES[name]
    for number, (price, qty) in enumerate(case["fills_price_qty"]):
        post(book, number, side * qty, micros(price))
    closed = book.sql("select * from ledger.lot_closes order by fill_seq, lot_seq")
    got = [(c["closed_qty"], c["entry_price_micros"], c["exit_price_micros"]) for c in closed]
    want = case["closed_fifo_qty_entry_exit_pnl"]
    assert got == [(side * q, micros(entry), micros(exit_)) for q, entry, exit_, _ in want]
    profits = [q * (exit_ - entry) for q, entry, exit_ in got]
    assert profits == [side * micros(pnl) for *_, pnl in want]
    assert books(book)["realized_micros"] == side * micros(case["realized"])
    assert held(book) == []


FILLS = st.lists(
    st.tuples(
        st.integers(-500, 500).filter(bool), st.integers(1, 900_000_000), st.integers(0, 5_000_000)
    ),
    min_size=1,
    max_size=12,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(fills=FILLS)
def test_money_and_shares_are_conserved_after_every_fill(fills: list[tuple[int, int, int]]) -> None:
    with SERVER.clone() as db:
        desk = Desk(db.url)
        cash, shares, fees = CASH, 0, 0
        for number, (qty, price, fee) in enumerate(fills):
            post(desk, number, qty, price, fee)
            cash, shares, fees = cash - qty * price - fee, shares + qty, fees + fee
            row, lots = books(desk), held(desk)
            assert (row["cash_micros"], row["fees_micros"]) == (cash, fees)
            assert sum(q for q, _ in lots) == shares
            assert row["cost_micros"] == sum(q * p for q, p in lots)
            assert row["cash_micros"] + row["cost_micros"] == CASH + row["realized_micros"] - fees
            assert len({q > 0 for q, _ in lots}) <= 1
        desk.conn.close()


def test_an_execution_is_booked_once(book: Desk) -> None:
    post(book, 1, 10, 100)
    with pytest.raises(MqkError, match="fills_are_booked_once"):
        post(book, 1, 10, 100)
    assert books(book)["entry_seq"] == 2


@pytest.mark.parametrize(
    ("qty", "price", "fee"),
    [(0, 100, 0), (10**9 + 1, 1, 0), (1, 0, 0), (1, 10**13 + 1, 0), (1, 100, -1)],
)
def test_a_fill_outside_its_bounds_is_refused_whole(
    book: Desk, qty: int, price: int, fee: int
) -> None:
    with pytest.raises(MqkError):
        post(book, 1, qty, price, fee)
    assert books(book)["entry_seq"] == 1


def test_an_amount_that_overflows_is_refused_whole(book: Desk) -> None:
    with pytest.raises(MqkError, match="out of range"):
        post(book, 1, 10**9, 10**13)
    assert books(book)["cash_micros"] == CASH


@pytest.mark.parametrize(
    "forgery",
    [
        "update ledger.portfolios set cash_micros = cash_micros + 1",
        "update ledger.portfolios set realized_micros = realized_micros + 1",
        "update ledger.positions set position_qty = position_qty + 1",
        "update ledger.positions set cost_micros = cost_micros + 1",
        "update ledger.lots set open_qty = open_qty - 1",
        "update ledger.lots set open_qty = open_qty + 1",
        "update ledger.entries set cash_micros = cash_micros + 1",
        "delete from ledger.fills",
        "delete from ledger.lots",
        "insert into ledger.entries (run_id, entry_seq, entry_kind, qty_delta,"
        " deposit_delta_micros, cash_delta_micros, cost_delta_micros, realized_delta_micros,"
        " fee_delta_micros, income_delta_micros, deposits_micros, cash_micros, cost_micros,"
        " realized_micros, fees_micros, income_micros, booked_at)"
        " select run_id, entry_seq + 1, 'DEPOSIT', 0, 5, 6, 0, 0, 0, 0, deposits_micros + 5,"
        " cash_micros + 6, cost_micros, realized_micros, fees_micros, income_micros, booked_at"
        " from ledger.entries order by entry_seq desc limit 1",
        "insert into ledger.entries (run_id, entry_seq, entry_kind, qty_delta,"
        " deposit_delta_micros, cash_delta_micros, cost_delta_micros, realized_delta_micros,"
        " fee_delta_micros, income_delta_micros, deposits_micros, cash_micros, cost_micros,"
        " realized_micros, fees_micros, income_micros, booked_at)"
        " select run_id, entry_seq + 1, 'DEPOSIT', 0, 5, 5, 0, 0, 0, 0, deposits_micros + 5,"
        " cash_micros + 50, cost_micros, realized_micros, fees_micros, income_micros, booked_at"
        " from ledger.entries order by entry_seq desc limit 1",
    ],
)
def test_the_books_cannot_be_cooked_even_by_their_owner(book: Desk, forgery: str) -> None:
    post(book, 1, 10, 100_000_000)
    with pytest.raises(psycopg.Error):
        book.sql(forgery)


def test_equity_without_a_mark_is_an_error_not_a_guess(book: Desk) -> None:
    post(book, 1, 10, 100_000_000)
    with pytest.raises(MqkError, match=r"MQI02.*AAA"):
        book.call("ledger.compute_exposure", run_id=book.run_id, marks={"BBB": 1})


def test_equity_is_cash_plus_what_is_held_at_its_mark(book: Desk) -> None:
    post(book, 1, -10, 100_000_000)
    row = book.call("ledger.compute_exposure", run_id=book.run_id, marks={"AAA": 90_000_000})[0]
    assert row["equity_micros"] == CASH + 100_000_000
    assert (row["net_micros"], row["gross_micros"]) == (-900_000_000, 900_000_000)
