"""Laws of late, busted and corrected fills: the books are those of the fills that stand, by their time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit import Desk
from mqk.errors import MqkError
from support import SERVER

FILL = st.tuples(
    st.integers(-50, 50).filter(bool), st.integers(1, 900_000_000), st.integers(0, 5_000_000)
)
Fill = tuple[int, int, int]


def post(desk: Desk, number: int, fill: Fill, corrects: int | None = None, name: str = "") -> int:
    """Book the execution that happened as the number-th."""
    qty, price_micros, fee_micros = fill
    row = desk.call(
        "ledger.post_fill",
        run_id=desk.run_id,
        account_id="PAPER-TEST-0001",
        execution_id=name or f"x{number:03d}",
        client_order_id="o",
        symbol="AAA",
        fill_qty=qty,
        price_micros=price_micros,
        fee_micros=fee_micros,
        is_late=False,
        corrects_seq=corrects,
        executed_at=desk.now + timedelta(seconds=number),
        now_at=desk.now,
    )
    return int(row[0]["post_fill"])


def reverse(desk: Desk, fill_seq: int) -> int:
    """Take a fill back."""
    row = desk.call(
        "ledger.post_reversal",
        run_id=desk.run_id,
        fill_seq=fill_seq,
        executed_at=desk.now + timedelta(hours=1),
        now_at=desk.now,
    )
    return int(row[0]["post_reversal"])


def books(desk: Desk) -> Any:
    """All that the fills made, without the numbers of their rows."""
    return desk.sql(
        "select p.cash_micros, p.cost_micros, p.realized_micros, p.fees_micros, h.position_qty,"
        " (select jsonb_agg(jsonb_build_array(l.open_qty, l.entry_price_micros) order by l.queue_no)"
        "    from ledger.lots as l where l.open_qty <> 0 and l.match_no = h.match_no) as lots,"
        " (select jsonb_agg(jsonb_build_array(c.closed_qty, c.entry_price_micros,"
        "                                     c.exit_price_micros)"
        "                   order by c.fill_queue_no, c.lot_queue_no)"
        "    from ledger.lot_closes as c where c.match_no = h.match_no) as closes"
        " from ledger.portfolios as p left join ledger.positions as h using (run_id)"
    )


def books_of(fills: list[tuple[int, Fill]]) -> Any:
    """The books of another desk that booked these fills."""
    with SERVER.clone() as db:
        desk = Desk(db.url)
        for number, fill in fills:
            post(desk, number, fill)
        found = books(desk)
        desk.conn.close()
    return found


PROPERTY = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@PROPERTY
@given(data=st.data(), fills=st.lists(FILL, min_size=2, max_size=7))
def test_any_order_of_booking_gives_the_same_books(data: st.DataObject, fills: list[Fill]) -> None:
    numbered = list(enumerate(fills))
    assert books_of(data.draw(st.permutations(numbered))) == books_of(numbered)


@PROPERTY
@given(data=st.data(), fills=st.lists(FILL, min_size=2, max_size=6))
def test_a_busted_fill_leaves_the_books_as_if_it_had_never_been(
    data: st.DataObject, fills: list[Fill]
) -> None:
    numbered = list(enumerate(fills))
    busted = data.draw(st.integers(0, len(fills) - 1))
    with SERVER.clone() as db:
        desk = Desk(db.url)
        rows = [post(desk, number, fill) for number, fill in numbered]
        reverse(desk, rows[busted])
        found = books(desk)
        assert desk.one("select count(*) from ledger.fills") == len(fills) + 1
        desk.conn.close()
    assert found == books_of([pair for pair in numbered if pair[0] != busted])


@PROPERTY
@given(data=st.data(), fills=st.lists(FILL, min_size=1, max_size=6), corrected=FILL)
def test_a_corrected_fill_stands_where_the_wrong_one_stood(
    data: st.DataObject, fills: list[Fill], corrected: Fill
) -> None:
    numbered = list(enumerate(fills))
    wrong = data.draw(st.integers(0, len(fills) - 1))
    with SERVER.clone() as db:
        desk = Desk(db.url)
        rows = [post(desk, number, fill) for number, fill in numbered]
        reverse(desk, rows[wrong])
        post(desk, wrong, corrected, rows[wrong], "corrected")
        found = books(desk)
        desk.conn.close()
    right = [(n, corrected if n == wrong else fill) for n, fill in numbered]
    assert found == books_of(right)


@pytest.fixture
def book(db: Any) -> Any:
    """A desk with two fills; they have no orders."""
    desk = Desk(db.url)
    post(desk, 1, (10, 100, 1))
    post(desk, 2, (-4, 120, 1))
    yield desk
    desk.conn.close()


def test_a_fill_that_comes_late_is_matched_at_its_own_time(db: Any) -> None:
    desk = Desk(db.url)
    for number, fill in ((2, (10, 100, 0)), (3, (-10, 120, 0)), (1, (10, 50, 0))):
        post(desk, number, fill)
    (row,) = books(desk)
    assert (row["closes"], row["lots"]) == ([[10, 50, 120]], [[10, 100]])
    assert row["realized_micros"] == 10 * (120 - 50)
    desk.conn.close()


def test_a_busted_fill_takes_its_lot_with_it(db: Any) -> None:
    desk = Desk(db.url)
    first = post(desk, 1, (10, 100, 0))
    post(desk, 2, (10, 50, 0))
    reverse(desk, first)
    (row,) = books(desk)
    assert (row["lots"], row["cost_micros"]) == ([[10, 50]], 10 * 50)
    desk.conn.close()


def test_a_fill_is_reversed_once(book: Desk) -> None:
    reverse(book, 1)
    before = books(book)
    with pytest.raises(MqkError) as refusal:
        reverse(book, 1)
    assert refusal.value.code == "23505"
    assert books(book) == before


def test_a_fill_is_corrected_only_after_its_reversal(book: Desk) -> None:
    with pytest.raises(MqkError) as refusal:
        post(book, 3, (9, 100, 1), corrects=1)
    assert refusal.value.code == "23503"


@pytest.mark.parametrize(
    "change",
    ["-fill_qty + 1, price_micros, -fee_micros", "-fill_qty, price_micros + 1, -fee_micros",
     "-fill_qty, price_micros, -fee_micros - 1"],
    ids=["quantity", "price", "fee"],
)  # fmt: skip
def test_a_reversal_that_differs_from_its_fill_cannot_exist(book: Desk, change: str) -> None:
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        book.sql(
            "insert into ledger.fills (run_id, fill_seq, account_id, execution_id, client_order_id,"
            " symbol, fill_qty, price_micros, fee_micros, is_late, reverses_seq, executed_at,"
            " booked_at) select run_id, 9, account_id, 'bust', client_order_id, symbol,"
            f" {change}, is_late, fill_seq, executed_at, booked_at from ledger.fills"
            " where fill_seq = 1"
        )


def test_what_was_believed_before_a_bust_stays_readable(book: Desk) -> None:
    before = book.sql("select * from ledger.lot_closes")
    reverse(book, 1)
    assert book.sql("select * from ledger.lot_closes where match_no = 1") == before
    assert book.one("select count(*) from ledger.entries where entry_kind = 'REVERSAL'") == 1
