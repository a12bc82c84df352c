"""The law of replay where it is hardest: fills that come late, busts, corrections, splits and dividends."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from actions_kit import SHA, midnight, row
from kit import Desk, close_of
from support import SERVER

RATIO = st.tuples(st.integers(1, 12), st.integers(1, 12)).filter(lambda pair: pair[0] != pair[1])
FILL = st.tuples(
    st.just("fill"), st.sampled_from(["AAA", "BBB"]), st.integers(-60, 60).filter(bool),
    st.integers(1, 900_000_000), st.integers(0, 900),
)  # fmt: skip
ACT = st.one_of(
    FILL,
    FILL,
    st.tuples(st.just("bust"), st.integers(0, 50)),
    st.tuples(st.just("correct"), st.integers(0, 50), st.integers(1, 60)),
    st.tuples(st.just("split"), RATIO),
    st.tuples(st.just("dividend"), st.sampled_from(["0.24", "1.000001"])),
)


class Books(Desk):
    """The books of a run, and the acts that change them."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        for n in (0, 1):
            self.add_bars(self.days[n], AAA="101.000003", BBB=50)
        self.clock.move_to(close_of(self.days[1]) + timedelta(minutes=5))
        self.tick("marketdata")
        self.session, self.booked = 1, 0
        self.standing: list[dict[str, Any]] = []

    def post(
        self, symbol: str, qty: int, price: int, late: int, corrects: int | None = None
    ) -> None:
        """Book an execution of up to 900 minutes ago."""
        self.booked += 1
        terms = {
            "account_id": "PAPER-TEST-0001", "client_order_id": f"o{self.booked % 3}", "symbol": symbol,
            "execution_id": f"x{self.booked}", "fill_qty": qty, "price_micros": price,
            "fee_micros": self.booked, "is_late": False,
            "executed_at": self.now - timedelta(minutes=late),
        }  # fmt: skip
        made = self.value(
            "ledger.post_fill", run_id=self.run_id, corrects_seq=corrects, now_at=self.now, **terms
        )
        self.standing.append({**terms, "fill_seq": made, "late": late})

    def reverse(self, nth: int) -> dict[str, Any]:
        """Take one of the standing fills back."""
        fill = self.standing.pop(nth % len(self.standing))
        self.call(
            "ledger.post_reversal", run_id=self.run_id, fill_seq=fill["fill_seq"],
            executed_at=self.now, now_at=self.now,
        )  # fmt: skip
        return fill

    def announce(self, **terms: Any) -> None:
        """Announce an action of AAA, live to its session, and take it over."""
        self.session += 1
        paid = {"paid": self.session} if "amount" in terms else {}
        self.call(
            "md.load_actions", source="t", source_sha256=SHA,
            rows=[row(self, self.session, **terms, **paid)], now_at=self.now,
        )  # fmt: skip
        self.clock.move_to(midnight(self.days[self.session]))
        for action in self.call("ledger.list_due_actions", run_id=self.run_id, now_at=self.now):
            self.sql(
                "select ledger.apply_action(%s, a, %s) from md.corporate_actions as a"
                " where a.action_id = %s",
                self.run_id, self.now, action["action_id"],
            )  # fmt: skip
        self.call("ledger.pay_dividends", run_id=self.run_id, now_at=self.now)

    def take(self, kind: str, *terms: Any) -> None:
        """One act; a bust or a correction needs a fill."""
        self.clock.move_to(self.now + timedelta(seconds=7))
        if kind == "fill":
            self.post(*terms)
        elif kind == "split":
            ratio = Fraction(*terms[0])
            self.announce(ratio=f"{ratio.numerator}:{ratio.denominator}")
        elif kind == "dividend":
            self.announce(amount=terms[0])
        elif self.standing:
            old = self.reverse(terms[0])
            if kind == "correct":
                self.post(
                    old["symbol"], terms[1], old["price_micros"], old["late"], old["fill_seq"]
                )  # fmt: skip


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@example(
    acts=[
        ("fill", "AAA", 10, 5_000_000, 0),
        ("fill", "AAA", 20, 7_000_000, 0),
        ("fill", "AAA", -5, 9_000_000, 0),
        ("fill", "AAA", 7, 9_100_000, 500),
        ("bust", 0),
        ("split", (3, 2)),
        ("fill", "AAA", -4, 9_500_000, 60),
        ("correct", 1, 33),
        ("dividend", "0.24"),
        ("fill", "AAA", -60, 3_000_000, 0),
        ("split", (1, 7)),
    ]
)
@given(acts=st.lists(ACT, min_size=4, max_size=14))
def test_two_programs_fold_any_bookings_to_the_same_books(acts: list[tuple[Any, ...]]) -> None:
    with SERVER.clone() as db:
        books = Books(db.url)
        for act in acts:
            books.take(*act)
        assert books.list_unfolded() == []
        books.conn.close()
