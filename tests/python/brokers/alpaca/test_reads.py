"""Laws of what is read: a little patience, whole lists, and silence is no absence."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from alpaca_kit import ACCOUNT, NOW, SINCE, FakeAlpaca, account, order, said
from mqk.brokers import NotSent, Unauthorized, Unsure
from mqk.brokers.alpaca.listing import list_orders

BY_NAME = "GET /v2/orders:by_client_order_id"
ORDERS = "GET /v2/orders"


def test_an_order_is_found_by_our_name() -> None:
    fake = FakeAlpaca().on(BY_NAME, said(200, order()))
    assert fake.broker.find("mqk-1") == order()["id"]
    assert fake.requests[-1].url.params["client_order_id"] == "mqk-1"


def test_only_the_broker_can_say_that_an_order_is_absent() -> None:
    fake = FakeAlpaca().on(BY_NAME, said(404, {"code": 40410000, "message": "order not found"}))
    assert fake.broker.find("mqk-1") is None
    for silence in (said(404, "<html>"), said(404, {}), said(200, "[]"), said(200, "null")):
        fake.on(BY_NAME, silence)
        with pytest.raises(Unsure):
            fake.broker.find("mqk-1")


def test_an_order_of_another_name_is_no_answer() -> None:
    fake = FakeAlpaca().on(BY_NAME, said(200, order(client_order_id="mqk-2")))
    with pytest.raises(Unsure):
        fake.broker.find("mqk-1")


@pytest.mark.parametrize(
    "failure", [httpx.ReadTimeout("x"), said(502, "<html>"), said(200, "<html>")]
)
def test_a_read_is_tried_three_times_with_growing_pauses(failure: Any) -> None:
    fake = FakeAlpaca().on(BY_NAME, failure)
    fake.broker.account()
    before = len(fake.requests)
    with pytest.raises(Unsure):
        fake.broker.find("mqk-1")
    assert len(fake.requests) - before == 3
    assert fake.pauses == [0.5, 1.0]


def test_a_read_that_works_the_third_time_is_an_answer() -> None:
    fake = FakeAlpaca().on(BY_NAME, said(500, ""), httpx.ConnectError("x"), said(200, order()))
    assert fake.broker.find("mqk-1") == order()["id"]


def test_a_read_without_a_connection_is_not_sent() -> None:
    fake = FakeAlpaca().on(BY_NAME, httpx.ConnectError("x"))
    with pytest.raises(NotSent):
        fake.broker.find("mqk-1")


def test_keys_that_are_refused_are_not_tried_again() -> None:
    fake = FakeAlpaca().on("GET /v2/account", said(401, {"message": "unauthorized."}))
    with pytest.raises(Unauthorized):
        fake.broker.account()
    assert len(fake.requests) == 1


def test_a_read_that_is_wrong_is_not_tried_again() -> None:
    fake = FakeAlpaca().on(BY_NAME, said(422, {"code": 40010001, "message": "missing"}))
    with pytest.raises(Unsure):
        fake.broker.find("")
    assert fake.pauses == []


@pytest.mark.parametrize(("seconds", "pauses"), [(3, [4.0]), (4, [5.0]), (5, None)])
def test_a_read_waits_for_the_reset_unless_that_is_far(
    seconds: int, pauses: list[float] | None
) -> None:
    reset = str(int(NOW.timestamp()) + seconds)
    busy = said(429, {"message": "too many requests."}, X_RateLimit_Reset=reset)
    fake = FakeAlpaca().on(BY_NAME, busy, said(200, order()))
    if pauses:
        assert fake.broker.find("mqk-1")
        assert fake.pauses == pauses
    else:
        with pytest.raises(NotSent) as caught:
            fake.broker.find("mqk-1")
        assert caught.value.not_before == NOW + timedelta(seconds=seconds + 1)


def test_a_slow_broker_is_not_asked_again() -> None:
    fake = FakeAlpaca()

    def slow(_: httpx.Request) -> httpx.Response:
        fake.clock.move_to(fake.clock() + timedelta(seconds=9))
        raise httpx.ReadTimeout("x")

    fake.broker.account()
    fake.on(BY_NAME, slow)
    with pytest.raises(Unsure):
        fake.broker.find("mqk-1")
    assert fake.pauses == []


def pages(orders: list[dict[str, Any]]) -> Any:
    """A list of orders as the broker pages it: 500, submitted later than `after`."""

    def answer(request: httpx.Request) -> httpx.Response:
        after = request.url.params.get("after", "")
        status = request.url.params["status"]
        chosen = [
            o
            for o in sorted(orders, key=lambda o: o["submitted_at"])
            if o["submitted_at"][:26] > after[:26] and (status == "all" or o["status"] == "new")
        ]
        return said(200, chosen[: int(request.url.params["limit"])])

    return answer


def many(count: int, step: int = 1) -> list[dict[str, Any]]:
    """Orders; `step` of them were submitted at the same instant."""
    return [
        order(
            id=f"id-{n:05}",
            client_order_id=f"mqk-{n}",
            submitted_at=f"2026-11-02T15:{n // step // 60:02}:{n // step % 60:02}.000001999Z",
            status="filled",
        )
        for n in range(count)
    ]


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 1203])
def test_a_list_of_orders_is_read_to_its_end(count: int) -> None:
    fake = FakeAlpaca().on(ORDERS, pages(many(count)))
    assert len(list_orders(fake.rest, "all", SINCE)) == count


def test_orders_of_one_instant_are_not_lost_between_two_pages() -> None:
    fake = FakeAlpaca().on(ORDERS, pages(many(1203, step=3)))
    assert len(list_orders(fake.rest, "all", SINCE)) == 1203


def test_a_list_that_cannot_be_paged_is_in_doubt() -> None:
    fake = FakeAlpaca().on(ORDERS, pages(many(600, step=600)))
    with pytest.raises(Unsure, match="no end"):
        list_orders(fake.rest, "all", SINCE)


def test_open_orders_are_listed_however_old_and_others_since_the_run_began() -> None:
    old = [
        order(id="old-open", submitted_at="2026-01-02T15:00:00Z", status="new"),
        order(id="old-done", submitted_at="2026-01-02T15:00:00Z", status="filled"),
        order(id="done", submitted_at="2026-11-02T14:00:00Z", status="filled"),
    ]
    fake = FakeAlpaca().on(ORDERS, pages(old))
    assert [o["broker_order_id"] for o in fake.broker.orders()] == ["old-open", "done"]


def test_a_snapshot_keeps_the_words_and_numbers_of_the_broker() -> None:
    fake = FakeAlpaca().on(ORDERS, said(200, [order(qty="0.123456789", status="held", legs=None)]))
    fake.on(
        "GET /v2/positions",
        said(
            200,
            '[{"symbol":"KO","qty":"100","side":"long"},{"symbol":"PEP","qty":-7,"side":"short"},'
            '{"symbol":"MO","qty":"3","side":"short"},{"symbol":"X","qty":0.123456789,"extra":null}]',
        ),
    )
    fake.on("GET /v2/account", said(200, account(cash="-12.345678901")))
    given = fake.broker.snapshot()
    assert (given["source"], given["account_id"], given["cash"]) == (
        "alpaca",
        ACCOUNT,
        "-12.345678901",
    )
    assert given["captured_at"] == NOW.isoformat()
    assert {p["symbol"]: p["qty"] for p in given["positions"]} == {
        "KO": "100",
        "PEP": "-7",
        "MO": "-3",
        "X": "0.123456789",
    }
    assert given["orders"] == [
        {
            "broker_order_id": order()["id"],
            **{k: order()[k] for k in ("client_order_id", "symbol", "side", "filled_qty", "type")},
            **{k: order()[k] for k in ("submitted_at", "limit_price", "stop_price", "replaces")},
            **{k: order()[k] for k in ("time_in_force", "replaced_by")},
            "qty": "0.123456789",
            "status": "held",
        }
    ]
    assert json.loads(json.dumps(given)) == given


def test_a_snapshot_is_as_old_as_its_oldest_part() -> None:
    fake = FakeAlpaca().on(ORDERS, said(200, []))

    def later(_: httpx.Request) -> httpx.Response:
        fake.clock.move_to(NOW + timedelta(seconds=9))
        return said(200, [])

    fake.on("GET /v2/positions", later)
    assert fake.broker.snapshot()["captured_at"] == NOW.isoformat()


@pytest.mark.parametrize("what", ["GET /v2/positions", ORDERS, "GET /v2/account"])
@pytest.mark.parametrize("answer", [said(200, "{}"), said(200, '[{"qty": 1e5}]'), said(500, "")])
def test_a_snapshot_of_which_a_part_is_missing_is_none(what: str, answer: Any) -> None:
    fake = FakeAlpaca().on(ORDERS, said(200, [])).on("GET /v2/positions", said(200, []))
    fake.on(what, answer)
    with pytest.raises(Unsure):
        fake.broker.snapshot()
