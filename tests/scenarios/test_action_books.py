"""Laws of corporate actions in the books: nothing is lost, nothing is done twice, order does not matter."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from math import floor
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions_kit import SHA, books, held, lots, midnight, row
from kit import Desk, close_of
from mqk.errors import MqkError
from support import SERVER

CASH = 100_000_000_000
PRICE = 101_000_003  # the close before the ex session: no round number
PROPERTY = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
FILLS = st.lists(
    st.tuples(st.integers(-60, 60).filter(bool), st.integers(1, 900_000_000)),
    min_size=1,
    max_size=6,
)
RATIO = (
    st.tuples(st.integers(1, 12), st.integers(1, 12))
    .filter(lambda pair: pair[0] != pair[1])
    .map(lambda pair: (Fraction(*pair).numerator, Fraction(*pair).denominator))
)


def make(db: Any) -> Desk:
    """A desk that has seen two sessions; the books are opened before them."""
    desk = Desk(db.url)
    for n in (0, 1):
        desk.add_bars(desk.days[n], AAA="101.000003", BBB=50)
    desk.clock.move_to(close_of(desk.days[1]) + timedelta(minutes=5))
    desk.tick("marketdata")
    return desk


def post(desk: Desk, number: int, qty: int, price_micros: int, session: int = 1) -> int:
    """Book one execution of AAA, `number` seconds after the close of a session."""
    made = desk.call(
        "ledger.post_fill",
        run_id=desk.run_id,
        account_id="PAPER-TEST-0001",
        execution_id=f"x{session}-{number}",
        client_order_id="o",
        symbol="AAA",
        fill_qty=qty,
        price_micros=price_micros,
        fee_micros=0,
        is_late=False,
        corrects_seq=None,
        executed_at=close_of(desk.days[session]) + timedelta(seconds=number),
        now_at=desk.now,
    )
    return int(made[0]["post_fill"])


def announce(desk: Desk, session: int, **terms: Any) -> Any:
    """Announce an action; give its id."""
    (made,) = desk.call(
        "md.load_actions",
        source="t",
        source_sha256=SHA,
        rows=[row(desk, session, **terms)],
        now_at=desk.now,
    )
    return made["action_id"]


def apply(desk: Desk, session: int) -> list[Any]:
    """Move to the morning of a session and take over what is due; give what that was."""
    desk.clock.move_to(max(desk.now, midnight(desk.days[session])))
    due = desk.call("ledger.list_due_actions", run_id=desk.run_id, now_at=desk.now)
    for action in due:
        desk.sql(
            "select ledger.apply_action(%s, a, %s) from md.corporate_actions as a"
            " where a.action_id = %s",
            desk.run_id,
            desk.now,
            action["action_id"],
        )
    desk.call("ledger.pay_dividends", run_id=desk.run_id, now_at=desk.now)
    return due


FORGERIES = {
    "adjustments_apply_an_action_once": (
        "insert into ledger.adjustments (run_id, adjustment_seq, action_id, symbol, action_kind,"
        " effective_at, ratio_num, ratio_den, amount_micros, held_qty, applied_at)"
        " select run_id, 9, action_id, symbol, action_kind, effective_at, ratio_num,"
        " ratio_den, amount_micros, held_qty, applied_at from ledger.adjustments"
    ),
    "adjustments_do_what_was_announced": (
        "insert into ledger.adjustments (run_id, adjustment_seq, action_id, symbol, action_kind,"
        " effective_at, ratio_num, ratio_den, amount_micros, held_qty, applied_at)"
        " select run_id, 9, gen_random_uuid(), symbol, action_kind, effective_at, ratio_num,"
        " ratio_den, amount_micros, held_qty, applied_at from ledger.adjustments"
    ),
    "splits_use_the_ratio_of_their_adjustment": (
        "insert into ledger.splits (run_id, symbol, match_no, adjustment_seq, ratio_num,"
        " ratio_den, held_qty, cost_micros) select run_id, symbol, match_no + 1,"
        " adjustment_seq, 3, ratio_den, held_qty, 0 from ledger.splits"
    ),
    "splits_sell_fractions_only": (
        "insert into ledger.splits (run_id, symbol, match_no, adjustment_seq, ratio_num,"
        " ratio_den, held_qty, cost_micros) select run_id, symbol, match_no + 1,"
        " adjustment_seq, ratio_num, ratio_den, held_qty, 5 from ledger.splits"
    ),
    "lots_keep_their_qty_until_a_split": (
        "update ledger.lots set split_seq = null, open_cost_micros = open_qty * entry_price_micros"
    ),
    "lot_closes_cost_the_lots_price_until_a_split": (
        "insert into ledger.lot_closes (run_id, symbol, match_no, fill_seq, fill_queue_no,"
        " lot_seq, lot_queue_no, closed_qty, entry_price_micros, open_qty, open_cost_micros,"
        " exit_price_micros, closed_at) select run_id, symbol, match_no, lot_seq, 9, lot_seq,"
        " queue_no, 1, entry_price_micros, open_qty, open_cost_micros, 1, opened_at"
        " from ledger.lots where match_no = 2"
    ),
}


@pytest.fixture
def desk(db: Any) -> Any:
    """A desk with books; its fills have no orders, so it keeps no other promises."""
    made = make(db)
    yield made
    for name in ("a_lot_is_its_history", "a_corporate_action_is_applied_once",
                 "the_ledger_balances", "realized_profit_is_its_closes",
                 "a_position_is_its_fills", "a_position_is_its_lots"):  # fmt: skip
        assert made.sql(f"select * from inv.{name}") == []
    made.conn.close()


@PROPERTY
@given(fills=FILLS, ratio=RATIO)
def test_a_split_keeps_the_cost_to_the_micro_and_pays_the_fraction(
    fills: list[tuple[int, int]], ratio: tuple[int, int]
) -> None:
    with SERVER.clone() as db:
        desk = make(db)
        for number, (qty, price) in enumerate(fills):
            post(desk, number, qty, price)
        before, position, opened = books(desk), held(desk), lots(desk)
        announce(desk, 2, ratio="{}:{}".format(*ratio))
        assert len(apply(desk, 2)) == 1
        after, num, den = books(desk), *ratio
        exact = Fraction(position * num, den)
        whole = int(exact)  # towards zero, for a short position too
        in_lieu = floor((exact - whole) * PRICE * den / num)
        assert held(desk) == whole == sum(qty for qty, _ in lots(desk))
        assert after["cash_micros"] - before["cash_micros"] == in_lieu
        assert after["cost_micros"] == sum(cost for _, cost in lots(desk))
        gain = after["realized_micros"] - before["realized_micros"]
        assert before["cost_micros"] - after["cost_micros"] == in_lieu - gain
        if exact == whole:
            assert after["cost_micros"] == before["cost_micros"]
        for (was, cost), qty in zip(opened, split(opened, ratio), strict=True):
            assert abs(qty - Fraction(was * num, den)) < 1, cost
        assert [qty for qty in split(opened, ratio) if qty] == [qty for qty, _ in lots(desk)]
        assert desk.sql("select * from inv.a_lot_is_its_history") == []
        desk.conn.close()


def split(opened: list[tuple[int, int]], ratio: tuple[int, int]) -> list[int]:
    """The lots' whole shares by the largest remainder, the older lot first: another hand's sum."""
    num, den = ratio
    side = 1 if sum(qty for qty, _ in opened) >= 0 else -1
    exact = [Fraction(abs(qty) * num, den) for qty, _ in opened]
    whole = [floor(e) for e in exact]
    order = sorted(range(len(exact)), key=lambda n: (whole[n] - exact[n], n))
    for n in order[: floor(sum(exact)) - sum(whole)]:
        whole[n] += 1
    return [side * qty for qty in whole]


@PROPERTY
@given(fills=FILLS, n=st.integers(2, 50))
def test_a_split_and_its_inverse_restore_every_lot_to_the_micro(
    fills: list[tuple[int, int]], n: int
) -> None:
    with SERVER.clone() as db:
        desk = make(db)
        for number, (qty, price) in enumerate(fills):
            post(desk, number, qty, price)
        before = (books(desk), lots(desk))
        announce(desk, 2, ratio=f"{n}:1")
        announce(desk, 3, ratio=f"1:{n}")
        assert len(apply(desk, 3)) == 2
        now = books(desk)
        now["entry_seq"] = before[0]["entry_seq"]
        assert (now, lots(desk)) == before
        desk.conn.close()


@PROPERTY
@given(data=st.data(), fills=FILLS, ratio=RATIO)
def test_what_was_held_before_a_split_is_split_however_late_we_learn_of_it(
    data: st.DataObject, fills: list[tuple[int, int]], ratio: tuple[int, int]
) -> None:
    late = data.draw(st.integers(0, len(fills) - 1))
    found = []
    for order in (range(len(fills)), [n for n in range(len(fills)) if n != late]):
        with SERVER.clone() as db:
            desk = make(db)
            for number in order:
                post(desk, number, *fills[number])
            announce(desk, 2, ratio="{}:{}".format(*ratio))
            apply(desk, 2)
            if late not in order:
                post(desk, late, *fills[late])
            keys = ("cash_micros", "cost_micros", "realized_micros")
            found.append(([books(desk)[key] for key in keys], lots(desk), held(desk)))
            desk.conn.close()
    assert found[0] == found[1]


def test_a_desk_trades_on_after_two_splits(desk: Desk) -> None:
    """Found by a parity desk of splits and orders: the next fill found its place in the queue taken."""
    for session in (1, 2):
        post(desk, 1, 10, PRICE, session=session)
        announce(desk, session + 1, ratio="2:1")
        apply(desk, session + 1)
    post(desk, 1, -60, PRICE, session=3)
    assert (held(desk), lots(desk)) == (0, [])


def test_lots_share_whole_shares_by_the_largest_remainder(desk: Desk) -> None:
    for number, (qty, price) in enumerate([(1, 100_000_000), (2, 60_000_000), (1, 30_000_000)]):
        post(desk, number, qty, price)
    announce(desk, 2, ratio="3:2")  # 1.5, 3 and 1.5: the older lot is rounded up
    apply(desk, 2)
    assert lots(desk) == [(2, 110_000_000), (3, 120_000_000), (1, 20_000_000)]
    assert books(desk)["cost_micros"] == 250_000_000


def test_an_action_is_applied_once(desk: Desk) -> None:
    post(desk, 1, 10, 100_000_000)
    announce(desk, 2, ratio="2:1")
    assert len(apply(desk, 2)) == 1
    before = books(desk)
    assert apply(desk, 2) == []
    desk.sql(
        "select ledger.apply_action(%s, a, %s) from md.corporate_actions as a",
        desk.run_id,
        desk.now,
    )
    assert (books(desk), held(desk)) == (before, 20)


def test_an_action_waits_for_the_midnight_of_its_ex_session(desk: Desk) -> None:
    post(desk, 1, 10, 100_000_000)
    announce(desk, 2, ratio="2:1")
    desk.clock.move_to(midnight(desk.days[2]) - timedelta(microseconds=1))
    look = {"run_id": desk.run_id}
    assert desk.call("ledger.list_due_actions", **look, now_at=desk.now) == []
    assert len(apply(desk, 2)) == 1


def test_a_sale_after_a_split_takes_its_part_of_the_cost(desk: Desk) -> None:
    post(desk, 1, 10, 100_000_001)
    announce(desk, 2, ratio="3:1")
    apply(desk, 2)
    desk.clock.move_to(close_of(desk.days[2]) + timedelta(minutes=5))
    post(desk, 1, -7, 40_000_000, session=2)
    cost = 1_000_000_010 * 7 // 30
    assert books(desk)["realized_micros"] == 7 * 40_000_000 - cost
    assert lots(desk) == [(23, 1_000_000_010 - cost)]
    post(desk, 2, -23, 40_000_000, session=2)
    assert books(desk)["realized_micros"] == 30 * 40_000_000 - 1_000_000_010
    assert (lots(desk), books(desk)["cost_micros"]) == ([], 0)


def test_a_reverse_split_to_nothing_closes_the_lots_for_cash(desk: Desk) -> None:
    post(desk, 1, 3, 100_000_000)
    announce(desk, 2, ratio="1:4")
    apply(desk, 2)
    assert (held(desk), lots(desk), books(desk)["cost_micros"]) == (0, [], 0)
    assert books(desk)["realized_micros"] == 3 * PRICE - 300_000_000
    assert books(desk)["cash_micros"] == CASH - 300_000_000 + 3 * PRICE


def test_the_fraction_of_a_short_position_costs_us(desk: Desk) -> None:
    post(desk, 1, -3, 100_000_000)
    announce(desk, 2, ratio="1:2")
    apply(desk, 2)
    assert held(desk) == -1
    assert books(desk)["cash_micros"] == CASH + 300_000_000 - PRICE


@pytest.mark.parametrize(("qty", "paid"), [(10, 2_400_000), (-10, -2_400_000), (0, 0)])
def test_a_dividend_is_paid_for_what_was_held_before_the_ex_session(
    desk: Desk, qty: int, paid: int
) -> None:
    post(desk, 0, 5, 100_000_000)
    post(desk, 1, qty - 5 or 1, 100_000_000)
    post(desk, 2, 0 if qty - 5 else -1, 100_000_000) if qty - 5 == 0 else None
    announce(desk, 2, amount="0.24", paid=4)
    apply(desk, 2)
    desk.clock.move_to(close_of(desk.days[2]) + timedelta(minutes=5))
    post(desk, 9, 50, 100_000_000, session=2)  # bought without the dividend
    apply(desk, 3)
    assert books(desk)["income_micros"] == 0
    cash = books(desk)["cash_micros"]
    apply(desk, 4)
    apply(desk, 4)
    assert books(desk)["income_micros"] == paid == books(desk)["cash_micros"] - cash


def test_a_dividend_of_the_morning_of_a_split_is_paid_for_old_shares(desk: Desk) -> None:
    post(desk, 1, 10, 100_000_000)
    announce(desk, 2, ratio="2:1")
    announce(desk, 2, amount="1", paid=2)
    apply(desk, 2)
    assert (held(desk), books(desk)["income_micros"]) == (20, 10_000_000)


def test_a_dividend_that_is_cancelled_before_its_day_is_not_paid(desk: Desk) -> None:
    post(desk, 1, 10, 100_000_000)
    action = announce(desk, 2, amount="1", paid=4)
    apply(desk, 2)
    desk.call("md.cancel_action", action_id=action, reason="withdrawn", now_at=desk.now)
    apply(desk, 4)
    assert books(desk)["income_micros"] == 0


def test_an_action_of_before_the_books_were_opened_is_not_applied(db: Any) -> None:
    desk = Desk(db.url)
    desk.clock.move_to(midnight(desk.days[2]))
    announce(desk, 0, ratio="2:1")
    assert apply(desk, 2) == []
    desk.conn.close()


def test_a_fraction_without_a_price_is_refused_whole(db: Any) -> None:
    desk = Desk(db.url)  # no bar at all
    desk.clock.move_to(close_of(desk.days[1]) + timedelta(minutes=5))
    post(desk, 1, 3, 100_000_000)
    announce(desk, 2, ratio="1:2")
    with pytest.raises(psycopg.errors.NotNullViolation):
        apply(desk, 2)
    assert held(desk) == 3
    desk.conn.close()


@pytest.mark.parametrize(("rule", "forgery"), FORGERIES.items(), ids=list(FORGERIES))
def test_a_forged_action_is_refused_by_its_own_rule(desk: Desk, rule: str, forgery: str) -> None:
    post(desk, 1, 10, 100_000_000)
    announce(desk, 2, ratio="2:1")
    apply(desk, 2)
    with pytest.raises(psycopg.errors.IntegrityError) as no:
        desk.sql(forgery)
    assert no.value.diag.constraint_name == rule


@pytest.mark.parametrize("delta", [1, -1])
def test_a_dividend_entry_of_another_amount_cannot_exist(desk: Desk, delta: int) -> None:
    post(desk, 1, 10, 100_000_000)
    announce(desk, 2, amount="1", paid=4)
    apply(desk, 2)
    forged = (
        "insert into ledger.entries (run_id, entry_seq, entry_kind, adjustment_seq, symbol,"
        " qty_delta, deposit_delta_micros, cash_delta_micros, cost_delta_micros,"
        " realized_delta_micros, fee_delta_micros, income_delta_micros, deposits_micros,"
        " cash_micros, cost_micros, realized_micros, fees_micros, income_micros, booked_at)"
        " select run_id, entry_seq + 1, 'DIVIDEND', 1, 'AAA', 0, 0, {0}, 0, 0, 0, {0},"
        " deposits_micros, cash_micros + {0}, cost_micros, realized_micros, fees_micros,"
        " income_micros + {0}, booked_at from ledger.entries order by entry_seq desc limit 1"
    ).format(10_000_000 + delta)
    with pytest.raises(psycopg.errors.ForeignKeyViolation) as no:
        desk.sql(forged)
    assert no.value.diag.constraint_name == "entries_pay_the_dividend_of_what_was_held"


def test_books_are_the_same_on_any_replay(db: Any) -> None:
    found = []
    for _ in range(2):
        with SERVER.clone() as other:
            desk = make(other)
            post(desk, 1, 7, 100_000_000)
            announce(desk, 2, ratio="3:2")
            announce(desk, 3, amount="0.1", paid=3)
            apply(desk, 3)
            found.append(desk.value("ops.compute_digests", run_id=desk.run_id)["ledger"])
            desk.conn.close()
    assert found[0] == found[1]


def test_a_split_of_nothing_changes_nothing(desk: Desk) -> None:
    before = books(desk)
    announce(desk, 2, ratio="2:1")
    assert len(apply(desk, 2)) == 1
    assert {**books(desk), "entry_seq": 1} == before
    with pytest.raises(MqkError):
        desk.call("ledger.split_lots", adjustment=None, match_no=1)
