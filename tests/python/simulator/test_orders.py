"""Laws of an order's life at the simulated broker, and of what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import SPEC, CheckedBroker, Stream, limit, order

CALENDAR = "/v2/calendar?start=2026-11-25&end=2026-11-27"


def test_every_answer_is_what_the_specification_says(broker: CheckedBroker) -> None:
    if not SPEC.is_file():
        pytest.skip("Alpaca's specification is not here: set MQK_SHARED to the folder that has it")
    broker.order()
    resting = broker.order(**limit("60", client_order_id="b"))
    fixed = [
        "/v2/account",
        "/v2/account/activities",
        "/v2/account/activities/FILL",
        "/v2/account/configurations",
        "/v2/assets",
        "/v2/assets/KO",
        "/v2/assets/ko!",
        "/v2/clock",
        CALENDAR,
        "/v2/orders",
        "/v2/orders?status=all",
        "/v2/orders?limit=0",
        f"/v2/orders/{resting['id']}",
        "/v2/orders/no-uuid",
        "/v2/orders:by_client_order_id?client_order_id=b",
        "/v2/orders:by_client_order_id?client_order_id=c",
        "/v2/positions",
        "/v2/positions/KO",
        "/v2/positions/PEP",
    ]
    for path in fixed:
        broker.api("GET", path)
    broker.api("PATCH", f"/v2/orders/{resting['id']}", {"limit_price": "59", "qty": "5"})
    broker.api("DELETE", f"/v2/orders/{resting['id']}")
    broker.api("DELETE", "/v2/orders")
    assert broker.checked == len(fixed) + 5


def test_a_marketable_order_is_taken_routed_and_filled_at_the_quote(
    broker: CheckedBroker, stream: Stream
) -> None:
    taken = broker.order()
    assert (taken["status"], taken["filled_qty"]) == ("pending_new", "0")
    events = stream.read(3)
    assert [e["event"] for e in events] == ["pending_new", "new", "fill"]
    assert events[0]["execution_id"] is None and events[1]["execution_id"]
    assert (events[2]["qty"], events[2]["price"], events[2]["position_qty"]) == ("10", "62.5", "10")
    row = broker.api("GET", "/v2/account/activities/FILL").json()[0]
    assert row["id"].endswith(events[2]["execution_id"])
    assert (row["cum_qty"], row["leaves_qty"]) == ("10", "0")


def test_a_limit_order_rests_until_the_quote_reaches_it(broker: CheckedBroker) -> None:
    broker.order(**limit("62"))
    assert broker.find("a")["status"] == "new"
    broker.control("quote", symbol="KO", price="62.01")
    assert broker.find("a")["status"] == "new"
    broker.control("quote", symbol="KO", price="62")
    assert broker.find("a")["filled_avg_price"] == "62"


def test_a_stop_waits_for_its_price_and_then_is_a_market_order(broker: CheckedBroker) -> None:
    broker.order()
    broker.order(side="sell", type="stop", stop_price="60", client_order_id="s")
    broker.control("quote", symbol="KO", price="60.01")
    assert broker.find("s")["status"] == "new"
    broker.control("quote", symbol="KO", price="59")
    assert broker.find("s")["filled_avg_price"] == "59"


def test_a_stop_limit_that_was_reached_stays_a_limit_order(broker: CheckedBroker) -> None:
    broker.order(type="stop_limit", stop_price="63", limit_price="63.1")
    broker.control("quote", symbol="KO", price="64")
    assert broker.find("a")["status"] == "new"
    broker.control("quote", symbol="KO", price="62")
    assert broker.find("a")["filled_avg_price"] == "62"


def test_a_buy_stop_is_not_filled_far_above_its_stop(broker: CheckedBroker) -> None:
    broker.order(type="stop", stop_price="63")
    broker.control("quote", symbol="KO", price="65")
    assert broker.find("a")["status"] == "new"
    broker.control("quote", symbol="KO", price="64.57")
    assert broker.find("a")["status"] == "filled"


def test_a_fill_is_cut_into_slices_as_told(broker: CheckedBroker, stream: Stream) -> None:
    broker.control("set", slices=3)
    broker.order(qty="100")
    fills = stream.read(5)[2:]
    assert [f["qty"] for f in fills] == ["33", "33", "34"]
    assert [f["event"] for f in fills] == ["partial_fill", "partial_fill", "fill"]
    assert [f["order"]["filled_qty"] for f in fills] == ["33", "66", "100"]


def test_a_quote_fills_no_more_than_its_size(broker: CheckedBroker) -> None:
    broker.control("quote", symbol="KO", price="62", size="4")
    broker.order()
    assert (broker.find("a")["status"], broker.find("a")["filled_qty"]) == ("partially_filled", "4")
    broker.control("quote", symbol="KO", price="63", size="6")
    done = broker.find("a")
    assert (done["status"], done["filled_avg_price"]) == ("filled", "62.6")


def test_a_day_order_ends_with_the_session_and_a_gtc_order_does_not(broker: CheckedBroker) -> None:
    broker.order(**limit("60", client_order_id="d"))
    broker.order(**limit("60", client_order_id="g", time_in_force="gtc"))
    broker.control("clock", to="2026-10-08T19:59:59Z")
    assert broker.find("d")["status"] == "new"
    broker.control("clock", to="2026-10-08T20:00:00Z")
    assert (broker.find("d")["status"], broker.find("g")["status"]) == ("expired", "new")


def test_an_order_off_hours_is_accepted_and_routed_at_the_open(broker: CheckedBroker) -> None:
    broker.control("clock", to="2026-10-08T21:00:00Z")
    assert broker.order()["status"] == "accepted"
    assert broker.api("GET", "/v2/clock").json()["is_open"] is False
    broker.control("clock", to="2026-10-09T13:30:00Z")
    assert broker.find("a")["status"] == "filled"


def test_an_early_close_ends_the_day(broker: CheckedBroker) -> None:
    broker.control("clock", to="2026-11-27T17:59:00Z")
    assert broker.api("GET", CALENDAR).json()[-1]["close"] == "13:00"
    broker.order(**limit("60"))
    broker.control("clock", to="2026-11-27T18:00:00Z")
    assert broker.find("a")["status"] == "expired"


def test_a_cancel_is_accepted_and_then_canceled(broker: CheckedBroker, stream: Stream) -> None:
    taken = broker.order(**limit("60"))
    assert broker.api("DELETE", f"/v2/orders/{taken['id']}").status_code == 204
    assert stream.names(4) == ["pending_new", "new", "pending_cancel", "canceled"]
    again = broker.api("DELETE", f"/v2/orders/{taken['id']}")
    assert (again.status_code, again.json()["code"]) == (422, 42210000)


def test_all_open_orders_are_canceled_at_once(broker: CheckedBroker) -> None:
    ids = {broker.order(**limit("60", client_order_id=name))["id"] for name in "bcd"}
    answer = broker.api("DELETE", "/v2/orders")
    assert answer.status_code == 207
    assert {(row["id"], row["status"]) for row in answer.json()} == {(i, 200) for i in ids}
    assert broker.api("GET", "/v2/orders").json() == []


def test_a_replace_makes_a_new_order_and_ends_the_old(
    broker: CheckedBroker, stream: Stream
) -> None:
    old = broker.order(**limit("60", qty="10"))
    body = {"limit_price": "61", "qty": "8", "client_order_id": "a-r1"}
    new = broker.api("PATCH", f"/v2/orders/{old['id']}", body).json()
    assert (new["replaces"], new["qty"], new["filled_qty"]) == (old["id"], "8", "0")
    ended = broker.api("GET", f"/v2/orders/{old['id']}").json()
    assert (ended["status"], ended["replaced_by"]) == ("replaced", new["id"])
    assert stream.names(5) == ["pending_new", "new", "pending_replace", "replaced", "new"]
    refused = broker.api("PATCH", f"/v2/orders/{old['id']}", {"limit_price": "59"})
    assert refused.status_code == 422


def test_a_name_is_taken_once_even_after_the_order_was_filled(broker: CheckedBroker) -> None:
    broker.order()
    answer = broker.api("POST", "/v2/orders", order(qty="5"))
    assert answer.status_code == 422
    assert answer.json() == {"code": 40010001, "message": "client_order_id must be unique"}
    assert broker.judge()["submits"]["a"] | {"orders": []} == {
        "received": 2, "accepted": 1, "refused": 1, "orders": [],
    }  # fmt: skip


REFUSED: dict[str, tuple[dict[str, Any], int, int]] = {
    "both qty and notional": ({"notional": "5"}, 400, 40010000),
    "no qty": ({"qty": None}, 422, 40010001),
    "qty of zero": ({"qty": "0"}, 422, 40010001),
    "qty that is no number": ({"qty": "NaN"}, 422, 40010001),
    "unknown side": ({"side": "hold"}, 422, 40010001),
    "unknown type": ({"type": "trailing_stop"}, 422, 40010001),
    "unknown time in force": ({"time_in_force": "ioc"}, 422, 40010001),
    "no symbol": ({"symbol": ""}, 422, 40010001),
    "limit without its price": ({"type": "limit"}, 422, 40010001),
    "market with a price": ({"limit_price": "5"}, 422, 40010001),
    "sub-penny": (limit("62.501"), 422, 42210000),
    "sub-penny below one dollar": (limit("0.12345"), 422, 42210000),
    "bracket": ({"order_class": "bracket"}, 422, 40010001),
    "name too long": ({"client_order_id": "x" * 129}, 422, 40010001),
    "extended hours at market": ({"extended_hours": True}, 422, 42210000),
    "fraction good till canceled": ({"qty": "0.5", "time_in_force": "gtc"}, 422, 42210000),
    "more than the buying power": ({"qty": "3201"}, 403, 40310000),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_order_is_refused(broker: CheckedBroker, case: str) -> None:
    fields, status, code = REFUSED[case]
    answer = broker.api("POST", "/v2/orders", order(**fields))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert broker.api("GET", "/v2/orders?status=all").json() == []


def test_an_order_that_uses_all_buying_power_is_taken(broker: CheckedBroker) -> None:
    broker.order(qty="3200")  # 3200 x 62.50 = 2 x 100000


def test_a_sub_penny_below_one_dollar_has_four_places(broker: CheckedBroker) -> None:
    broker.order(**limit("0.1234"))


def test_no_more_is_sold_than_is_held_and_free(broker: CheckedBroker) -> None:
    broker.order()
    broker.order(side="sell", type="stop", stop_price="60", qty="6", client_order_id="s")
    answer = broker.api("POST", "/v2/orders", order(side="sell", qty="5", client_order_id="t"))
    assert answer.status_code == 403
    told = answer.json()
    assert (told["available"], told["existing_qty"], told["held_for_orders"]) == ("4", "10", "6")
    assert told["message"].startswith("insufficient qty available for order (requested: 5")
    broker.order(side="sell", qty="4", client_order_id="u")


def test_no_order_crosses_zero(broker: CheckedBroker) -> None:
    broker.order(side="sell", client_order_id="short")
    assert broker.api("GET", "/v2/positions/KO").json()["qty"] == "-10"
    answer = broker.api("POST", "/v2/orders", order(qty="11"))
    assert (answer.status_code, answer.json()["existing_qty"]) == (403, "-10")


@pytest.mark.parametrize(
    ("resting", "coming", "is_wash"),
    [
        (limit("60"), limit("60", side="sell"), True),
        (limit("60"), limit("60.01", side="sell"), False),
        (limit("60"), {"side": "sell"}, True),
        ({"type": "stop", "stop_price": "70"}, limit("99", side="sell"), True),
    ],
)
def test_an_order_that_could_meet_our_own_is_refused(
    broker: CheckedBroker, resting: Any, coming: Any, is_wash: bool
) -> None:
    broker.control("set", auto=False)
    there = broker.order(**resting)
    answer = broker.api("POST", "/v2/orders", order(**coming, client_order_id="b"))
    assert answer.status_code == (403 if is_wash else 200)
    if is_wash:
        assert answer.json()["existing_order_id"] == there["id"]


def test_an_account_that_is_blocked_takes_no_order(broker: CheckedBroker) -> None:
    broker.control("set", trading_blocked=True)
    assert broker.api("GET", "/v2/account").json()["trading_blocked"] is True
    assert broker.api("POST", "/v2/orders", order()).status_code == 403


def test_an_asset_is_as_it_was_told(broker: CheckedBroker) -> None:
    broker.control("asset", symbol="KO", fractionable=False, shortable=False)
    fraction = broker.api("POST", "/v2/orders", order(qty="0.5"))
    assert fraction.json()["message"] == 'asset "KO" is not fractionable'
    assert broker.api("POST", "/v2/orders", order(side="sell")).status_code == 422
    broker.control("asset", symbol="KO", tradable=False)
    assert broker.api("POST", "/v2/orders", order()).status_code == 422


def test_the_books_are_exact_over_a_round_trip(broker: CheckedBroker) -> None:
    broker.order(qty="3")
    broker.control("quote", symbol="KO", price="62.5733")
    broker.order(side="sell", qty="3", client_order_id="b")
    judged = broker.judge()
    assert (judged["cash"], judged["positions"]) == ("100000.2199", {})
    assert broker.api("GET", "/v2/account").json()["cash"] == "100000.22"


@pytest.mark.parametrize("headers", [{}, {"APCA-API-KEY-ID": "PKTEST", "APCA-API-SECRET-KEY": "x"}])
def test_a_call_without_the_right_keys_is_refused(broker: CheckedBroker, headers: Any) -> None:
    answer = broker.api("POST", "/v2/orders", order(), headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"message": "unauthorized."})
    assert broker.api("GET", "/v2/orders?status=all").json() == []


def test_every_answer_tells_the_rate_limit_and_its_own_id(broker: CheckedBroker) -> None:
    answers = [broker.api("GET", "/v2/clock") for _ in range(2)]
    left = [int(answer.headers["X-RateLimit-Remaining"]) for answer in answers]
    assert left[0] - left[1] == 1
    assert answers[0].headers["X-RateLimit-Limit"] == "200"
    assert int(answers[0].headers["X-RateLimit-Reset"]) % 60 == 0
    assert answers[0].headers["X-Request-ID"] != answers[1].headers["X-Request-ID"]


def test_a_rate_limit_is_kept_if_it_was_told_so(broker: CheckedBroker) -> None:
    broker.control("set", per_minute=2, enforced=True)
    assert [broker.api("GET", "/v2/clock").status_code for _ in range(3)] == [200, 200, 429]
    broker.control("clock", advance_ms=60_000)
    assert broker.api("GET", "/v2/clock").status_code == 200


def test_a_broken_body_is_refused_and_nothing_falls_over(broker: CheckedBroker) -> None:
    for method, path in (("POST", "/v2/orders"), ("PATCH", f"/v2/orders/{broker.order()['id']}")):
        answer = broker.client.request(
            method, broker.url + path, content=b"{no json", headers=broker_headers()
        )
        assert answer.status_code in (400, 422)


def broker_headers() -> dict[str, str]:
    """The right keys."""
    from simulator_kit import HEADERS

    return HEADERS
