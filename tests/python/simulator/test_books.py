"""Laws of the books and of the calls, without a network: whatever is sent, whatever happens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mqk.simulator import Simulator, open_simulator
from mqk.simulator.book import TERMINAL, Book, Holding
from mqk.simulator.judge import judge
from mqk.simulator.ledger import read_ledger
from mqk.simulator.rest import Call
from mqk.simulator.wire import number, plain

from .conftest import order

QUICK = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["1", "0.5"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)
FIELDS = ["symbol", "side", "type", "time_in_force", "qty", "notional", "limit_price", "stop_price",
          "client_order_id", "extended_hours", "order_class"]  # fmt: skip
BODIES = st.dictionaries(st.sampled_from(FIELDS), JSON).map(lambda odd: {**order(), **odd})
QUERIES = st.dictionaries(
    st.sampled_from(["status", "limit", "after", "until", "direction", "symbols", "side", "date",
                     "before_order_id", "after_order_id", "page_size", "page_token", "start", "end",
                     "client_order_id", "activity_types", "order_id"]),
    st.sampled_from(["", "0", "1", "-1", "all", "asc", "KO", "2026-10-08", "²", "9" * 40, "NaN"]),
    max_size=3,
)  # fmt: skip
PATHS = ["/v2/orders", "/v2/orders:by_client_order_id", "/v2/orders/x", "/v2/positions",
         "/v2/positions/KO", "/v2/account", "/v2/account/activities", "/v2/account/activities/FILL",
         "/v2/clock", "/v2/calendar", "/v2/assets", "/v2/assets/KO", "/v2/nothing"]  # fmt: skip
KNOWN = {200, 204, 207, 400, 403, 404, 405, 422}


@contextmanager
def quiet() -> Iterator[Simulator]:
    """A simulator without a port; KO stands at 62.50."""
    with TemporaryDirectory() as folder:
        made = open_simulator(Path(folder) / "ledger.jsonl", ("k", "s"))
        made.venue.quote("KO", Decimal("62.50"))
        yield made
        made.book.ledger.close()


@QUICK
@given(body=BODIES | JSON, patch=JSON | BODIES)
def test_no_body_makes_the_broker_fall_over(body: Any, patch: Any) -> None:
    with quiet() as simulator:
        simulator.book.put("request", client_order_id=None)
        answer = simulator.rest.serve(Call("POST", "/v2/orders", body=json.dumps(body)))
        assert answer.status in KNOWN
        rests = simulator.venue.submit(order(type="limit", limit_price="1", client_order_id="r"))
        path = f"/v2/orders/{rests['id']}"
        assert simulator.rest.serve(Call("PATCH", path, body=json.dumps(patch))).status in KNOWN


@QUICK
@given(method=st.sampled_from(["GET", "POST", "PATCH", "DELETE", "PUT"]),
       path=st.sampled_from(PATHS), query=QUERIES)  # fmt: skip
def test_no_query_makes_the_broker_fall_over(method: str, path: str, query: dict[str, str]) -> None:
    with quiet() as simulator:
        assert simulator.rest.serve(Call(method, path, query)).status in KNOWN


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["buy", "sell", "limit", "quote", "cancel", "bust", "correct", "late"]),
        st.integers(1, 9),
        st.integers(6000, 6500),
    ),
    max_size=25,
)


def step(simulator: Simulator, number_: int, what: str, qty: int, cents: int) -> None:
    """One thing that happens; a refusal is fine."""
    venue, book = simulator.venue, simulator.book
    price, name = Decimal(cents) / 100, f"o{number_}"
    book.put("request", client_order_id=None)
    ids, live = list(book.orders), [e for e in book.executions.values() if e["live"]]
    if what in ("buy", "sell"):
        simulator.rest.serve(
            Call(
                "POST",
                "/v2/orders",
                body=json.dumps(order(side=what, qty=qty, client_order_id=name)),
            )
        )
    elif what == "limit":
        told = order(type="limit", limit_price=plain(price), qty=qty, client_order_id=name)
        simulator.rest.serve(Call("POST", "/v2/orders", body=json.dumps(told)))
    elif what == "quote":
        venue.quote("KO", price, Decimal(qty))
    elif what == "cancel" and ids:
        simulator.rest.serve(Call("DELETE", f"/v2/orders/{ids[qty % len(ids)]}"))
    elif what == "bust" and live:
        venue.bust(live[qty % len(live)]["execution_id"])
    elif what == "correct" and live:
        venue.correct(live[qty % len(live)]["execution_id"], Decimal(qty), price)
    elif what == "late" and ids:
        venue.fill(ids[qty % len(ids)], Decimal(qty), price)


@QUICK
@given(steps=STEPS)
def test_shares_and_cash_are_what_the_executions_add_up_to(
    steps: list[tuple[str, int, int]],
) -> None:
    with quiet() as simulator:
        for place, (what, qty, cents) in enumerate(steps):
            step(simulator, place, what, qty, cents)
        book = simulator.book
        live = [e for e in book.executions.values() if e["live"]]
        signed = [(number(e["qty"]) * (1 if e["side"] == "buy" else -1), e) for e in live]
        assert book.cash == 100000 - sum(q * number(e["price"]) for q, e in signed)
        held = book.holdings.get("KO", Holding())
        assert held.qty == sum(q for q, _ in signed)
        for made in book.orders.values():
            mine = sum(number(e["qty"]) for e in live if e["order_id"] == made["id"])
            assert number(made["filled_qty"]) == mine
            assert made["status"] in TERMINAL | {"new", "partially_filled"}


@QUICK
@given(steps=STEPS)
def test_the_ledger_alone_gives_the_same_books(steps: list[tuple[str, int, int]]) -> None:
    with quiet() as simulator:
        for place, (what, qty, cents) in enumerate(steps):
            step(simulator, place, what, qty, cents)
        book, path = simulator.book, simulator.book.ledger.path
        book.ledger.commit()
        again = Book(book.ledger)
        for record in read_ledger(path):
            again.apply(record)
        for name in (
            "cash",
            "orders",
            "executions",
            "holdings",
            "events",
            "activities",
            "at",
            "count",
        ):
            assert getattr(again, name) == getattr(book, name), name
        assert judge(path)["cash"] == plain(book.cash)


def test_a_split_brings_shares_for_nothing_and_a_fraction_is_kept() -> None:
    with quiet() as simulator:
        simulator.venue.submit(order())
        simulator.control.activity({"activity_type": "SPLIT", "symbol": "KO", "qty": "10.5"})
        held = simulator.book.holdings["KO"]
        assert (held.qty, held.cost) == (Decimal("20.5"), Decimal("625"))
        row = simulator.rest.serve(Call("GET", "/v2/positions/KO")).body
        assert (row["qty"], row["avg_entry_price"]) == ("20.5", "30.487805")


def test_a_fill_of_nine_places_is_kept_exactly() -> None:
    with quiet() as simulator:
        made = simulator.venue.submit(order(type="limit", limit_price="60", qty="2"))
        simulator.venue.fill(made["id"], Decimal("0.123456789"), Decimal("105.898847512"))
        row = simulator.book.activities[-1]
        assert (row["qty"], row["price"]) == ("0.123456789", "105.898847512")
        paid = Decimal("0.123456789") * Decimal("105.898847512")
        assert simulator.book.cash == 100000 - paid


def test_what_waits_is_routed_when_the_market_is_told_to_be_open() -> None:
    with quiet() as simulator:
        simulator.control.set({"hours": "closed"})
        made = simulator.venue.submit(order())
        assert made["status"] == "accepted"
        simulator.control.set({"hours": "open"})
        assert simulator.book.orders[made["id"]]["status"] == "filled"


def test_time_may_pass_beyond_the_calendar() -> None:
    with quiet() as simulator:
        simulator.control.clock({"to": "2031-06-01T15:00:00Z"})
        assert simulator.venue.submit(order(time_in_force="gtc"))["status"] == "accepted"
        assert simulator.rest.serve(Call("GET", "/v2/clock")).body["is_open"] is False
