"""Laws of what is sent: once, under our name, and every answer means exactly one thing."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from alpaca_kit import ACCOUNT, KEY, NOW, ORACLES, SECRET, FakeAlpaca, account, order, permit, said
from mqk.brokers import NotSent, Refused, Unauthorized, Unsure
from mqk.errors import MqkError

ORDERS, ORDER = "POST /v2/orders", "/v2/orders/d105718f-fcd6-5bcc-a9eb-3e1b29e70bc9"
BY_NAME = "GET /v2/orders:by_client_order_id"
TWICE = said(422, {"code": 40010001, "message": "client_order_id must be unique"})
ORDER_ID = order()["id"]
CHANGES: dict[str, Any] = {
    "submit": (ORDERS, lambda b: b.submit(permit())),
    "replace": (f"PATCH {ORDER}", lambda b: b.replace(permit(broker_order_id=ORDER_ID))),
    "cancel": (f"DELETE {ORDER}", lambda b: b.cancel(ORDER_ID)),
}


def change(kind: str, *answers: Any) -> tuple[FakeAlpaca, Any]:
    """A fake that answers a change so, and the change."""
    what, act = CHANGES[kind]
    fake = FakeAlpaca().on(what, *answers)
    return fake, lambda: act(fake.broker)


def sent(fake: FakeAlpaca) -> int:
    """Requests that change something."""
    return len(fake.requests) - fake.count("GET")


def test_an_order_is_sent_with_its_terms_as_text_and_its_id_is_given() -> None:
    fake = FakeAlpaca().on(ORDERS, said(200, order()))
    assert fake.broker.submit(permit()) == ORDER_ID
    assert fake.body() == {
        "symbol": "KO",
        "side": "buy",
        "type": "limit",
        "qty": "10",
        "time_in_force": "day",
        "client_order_id": "mqk-1",
        "limit_price": "62.50",
    }
    assert fake.budget.taken == ["READ", "SUBMIT"]


def test_a_stop_limit_sell_is_sent_with_both_prices() -> None:
    fake = FakeAlpaca().on(ORDERS, said(200, order()))
    terms = {"order_qty": -3, "order_type": "STOP_LIMIT", "stop_price_micros": 61_123_400}
    fake.broker.submit(permit(**terms, time_in_force="GTC"))
    body = fake.body()
    assert (body["side"], body["qty"], body["type"]) == ("sell", "3", "stop_limit")
    assert (body["stop_price"], body["time_in_force"]) == ("61.1234", "gtc")


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (1, "0.000001"),
        (62_500_000, "62.50"),
        (10_000_000, "10.00"),
        (123_456_789_012, "123456.789012"),
    ],
)
def test_a_price_is_exact_text(micros: int, text: str) -> None:
    fake = FakeAlpaca().on(ORDERS, said(200, order()))
    fake.broker.submit(permit(limit_price_micros=micros))
    assert fake.body()["limit_price"] == text


def test_a_market_order_has_no_price() -> None:
    fake = FakeAlpaca().on(ORDERS, said(200, order()))
    fake.broker.submit(permit(order_type="MARKET", limit_price_micros=None))
    assert not {"limit_price", "stop_price"} & set(fake.body())


def test_a_replacement_has_its_own_name_and_gives_the_id_of_the_successor() -> None:
    successor = order(id="02c457c4-5815-5f47-b90c-3fa1e13657d2", client_order_id="mqk-1-r1")
    fake = FakeAlpaca().on(f"PATCH {ORDER}", said(200, successor))
    terms = permit(broker_order_id=ORDER_ID, client_order_id="mqk-1-r1", order_qty=8)
    assert fake.broker.replace(terms) == successor["id"]
    assert (fake.body()["client_order_id"], fake.body()["qty"]) == ("mqk-1-r1", "8")
    assert "symbol" not in fake.body()


def test_a_cancel_is_a_request_and_nothing_more() -> None:
    fake, act = change("cancel", httpx.Response(204))
    assert act() is None
    assert fake.budget.taken == ["READ", "CANCEL"]


@pytest.mark.parametrize("kind", CHANGES)
@pytest.mark.parametrize(
    "error",
    [httpx.ConnectError("x"), httpx.ConnectTimeout("x"), httpx.PoolTimeout("x")],
    ids=lambda e: type(e).__name__,
)
def test_a_request_that_did_not_leave_is_not_sent(kind: str, error: Exception) -> None:
    fake, act = change(kind, error)
    with pytest.raises(NotSent) as caught:
        act()
    assert not isinstance(caught.value, Unauthorized)
    assert sent(fake) == 1


@pytest.mark.parametrize("kind", CHANGES)
@pytest.mark.parametrize(
    "error",
    [
        httpx.ReadTimeout("x"),
        httpx.WriteTimeout("x"),
        httpx.ReadError("x"),
        httpx.WriteError("x"),
        httpx.CloseError("x"),
        httpx.RemoteProtocolError("x"),
        httpx.LocalProtocolError("x"),
        httpx.ProxyError("x"),
        httpx.DecodingError("x"),
        OSError("x"),
    ],
    ids=lambda e: type(e).__name__,
)
def test_a_request_without_an_answer_is_in_doubt_and_sent_once(kind: str, error: Exception) -> None:
    fake, act = change(kind, error)
    with pytest.raises(Unsure):
        act()
    assert sent(fake) == 1


@pytest.mark.parametrize("kind", CHANGES)
@pytest.mark.parametrize("status", [301, 307, 408, 409, 418, 500, 502, 503, 504])
def test_an_answer_that_decides_nothing_is_in_doubt_and_sent_once(kind: str, status: int) -> None:
    fake, act = change(kind, said(status, "<html>bad gateway</html>", Location="https://x.test/"))
    with pytest.raises(Unsure, match=str(status)):
        act()
    assert sent(fake) == 1


@pytest.mark.parametrize(
    "body",
    [
        "<html>ok</html>",
        json.dumps(order())[:-1],
        "",
        "[]",
        json.dumps(order(id=None)),
        json.dumps(order(client_order_id="mqk-2")),
        json.dumps(order(filled_qty=1e5)).replace("100000.0", "1e5"),
        json.dumps(order()).replace('"id":', '"id": "other", "id":'),
        json.dumps(order(hwm=float("nan"))),
    ],
    ids=["html", "cut", "empty", "list", "no id", "name", "exponent", "twice", "nan"],
)
def test_a_success_that_cannot_be_read_or_is_of_another_order_is_in_doubt(body: str) -> None:
    fake, act = change("submit", said(200, body))
    with pytest.raises(Unsure):
        act()
    assert sent(fake) == 1


def test_a_success_with_words_and_keys_of_tomorrow_is_a_success() -> None:
    answer = order(
        status="accepted_by_martians", submitted_at=None, qty=10, filled_qty=0, x={"y": 1}
    )
    assert change("submit", said(200, answer))[1]() == ORDER_ID


@pytest.mark.parametrize("kind", CHANGES)
@pytest.mark.parametrize(("status", "code"), [(400, 40010000), (403, 40310000), (422, 42210000)])
def test_a_no_of_the_broker_is_refused_with_its_words(kind: str, status: int, code: int) -> None:
    fake, act = change(
        kind, said(status, {"code": code, "message": "insufficient qty", "available": "0.5"})
    )
    with pytest.raises(Refused, match=rf'{status} {code}: insufficient qty \| .*"available":"0.5"'):
        act()
    assert sent(fake) == 1


def test_every_known_error_is_what_the_oracle_says() -> None:
    if not ORACLES.exists():
        pytest.skip("the oracles are not here: set MQK_SHARED")
    kinds = {401: Unauthorized, 429: NotSent, 403: Refused, 422: Refused, 404: Unsure, 502: Unsure}
    for case in json.loads((ORACLES / "errors.json").read_text()):
        body = case["body"] if case["body"] is not None else case["raw"]
        fake, act = change("submit", said(case["http"], body))
        if "duplicate" in case["meaning"]:
            fake.on(BY_NAME, said(200, order()))
            assert act() == ORDER_ID
            continue
        with pytest.raises(kinds[case["http"]]):
            act()
        assert sent(fake) == 1, case


@pytest.mark.parametrize("kind", CHANGES)
@pytest.mark.parametrize(
    "answer",
    [
        said(401, {"message": "unauthorized."}),
        said(403, "<html>"),
        said(403, {"message": "forbidden."}),
    ],
    ids=["401", "403 html", "403 without a code"],
)
def test_keys_that_are_not_accepted_are_said_to_be_so(kind: str, answer: httpx.Response) -> None:
    fake, act = change(kind, answer)
    with pytest.raises(Unauthorized):
        act()
    assert sent(fake) == 1


@pytest.mark.parametrize("kind", CHANGES)
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"X_RateLimit_Reset": str(int(NOW.timestamp()) + 9)}, 10),
        ({"Retry_After": "4"}, 5),
        ({}, 61),
    ],
)
def test_too_many_requests_is_not_sent_until_a_second_after_the_reset(
    kind: str, headers: dict[str, str], seconds: int
) -> None:
    fake, act = change(kind, said(429, {"message": "too many requests."}, **headers))
    with pytest.raises(NotSent) as caught:
        act()
    assert caught.value.not_before == NOW + timedelta(seconds=seconds)
    assert fake.budget.reports == [(0, 0, NOW + timedelta(seconds=seconds - 1))]
    assert sent(fake) == 1


@pytest.mark.parametrize("kind", ["cancel", "replace"])
def test_an_order_that_the_broker_does_not_know_cannot_be_changed(kind: str) -> None:
    with pytest.raises(Refused):
        change(kind, said(404, {"code": 40410000, "message": "order not found"}))[1]()
    with pytest.raises(Unsure):
        change(kind, said(404, "<html>no such page</html>"))[1]()


def test_a_cancel_that_is_answered_with_a_page_is_in_doubt() -> None:
    with pytest.raises(Unsure):
        change("cancel", said(200, "<html>"))[1]()
    with pytest.raises(Unsure):
        change("cancel", said(200, order()))[1]()


def test_a_name_that_is_taken_by_this_very_order_gives_its_id() -> None:
    fake, act = change("submit", TWICE)
    fake.on(BY_NAME, said(200, order(qty="10.00", status="filled")))
    assert act() == ORDER_ID
    assert sent(fake) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"symbol": "PEP"},
        {"side": "sell"},
        {"qty": "11"},
        {"qty": "100"},
        {"type": "market"},
        {"limit_price": "101.25"},
        {"stop_price": "101.25"},
    ],
)
def test_a_name_that_is_taken_by_another_order_is_in_doubt(other: dict[str, str]) -> None:
    fake, act = change("submit", TWICE)
    fake.on(BY_NAME, said(200, order(**other)))
    with pytest.raises(Unsure, match="client_order_id_collision"):
        act()


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ConnectError("x"),
        said(404, {"message": "no"}),
        said(500, "x"),
        said(401, {"message": "no"}),
    ],
)
def test_a_name_that_is_taken_and_cannot_be_looked_up_is_in_doubt(answer: Any) -> None:
    fake, act = change("submit", TWICE)
    fake.on(BY_NAME, answer)
    with pytest.raises(Unsure):
        act()
    assert sent(fake) == 1


@pytest.mark.parametrize("kind", CHANGES)
def test_nothing_is_sent_without_a_budget(kind: str) -> None:
    fake, act = change(kind, said(200, order()))
    fake.budget.refuse = {"SUBMIT", "CANCEL"}
    with pytest.raises(NotSent) as caught:
        act()
    assert caught.value.not_before == NOW + timedelta(seconds=7)
    assert sent(fake) == 0


@pytest.mark.parametrize("kind", CHANGES)
def test_nothing_is_sent_to_another_account(kind: str) -> None:
    fake, act = change(kind, said(200, order()))
    fake.on("GET /v2/account", said(200, account(account_number="PA3OTHER", id="other")))
    for _ in range(2):
        with pytest.raises(MqkError, match="MQG20"):
            act()
    assert sent(fake) == 0


def test_the_account_is_known_by_its_number_or_its_id() -> None:
    fake = FakeAlpaca()
    assert fake.broker.account()["account_id"] == ACCOUNT
    fake.on("GET /v2/account", said(200, account(id=ACCOUNT, account_number="1")))
    assert fake.broker.account()["cash"] == "99999.97"


def test_what_the_broker_has_left_is_told_to_the_budget() -> None:
    reset = str(int((NOW + timedelta(seconds=30)).timestamp()))
    headers = {"X_RateLimit_Limit": "200", "X_RateLimit_Remaining": "7", "X_RateLimit_Reset": reset}
    fake, act = change("submit", said(200, order(), **headers))
    act()
    assert fake.budget.reports == [(200, 7, NOW + timedelta(seconds=30))]


def test_an_answer_counts_even_when_the_budget_cannot_be_told() -> None:
    reset = {"X_RateLimit_Remaining": "7", "X_RateLimit_Reset": "1800000000"}
    fake, act = change("submit", said(200, order(), **reset))

    def fail(*_: Any) -> None:
        raise MqkError("08006", "the database cannot be reached")

    fake.budget.report = fail  # type: ignore[method-assign]
    assert act() == ORDER_ID


@pytest.mark.parametrize("kind", CHANGES)
@pytest.mark.parametrize("status", [401, 403, 422, 429, 500])
def test_no_error_and_no_log_line_shows_a_key(
    kind: str, status: int, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(1)
    echo = {"code": f"{status}10000", "message": f"bad key {KEY}", "headers": [KEY, SECRET]}
    fake, act = change(kind, said(status, echo))
    with pytest.raises((Refused, NotSent, Unsure)) as caught:
        act()
    seen = capsys.readouterr()
    shown = [str(caught.value), repr(caught.value), repr(fake.rest), repr(fake.rest.keys)]
    shown += [seen.err, seen.out, caplog.text, repr(vars(fake.rest)), str(caught.value.__cause__)]
    assert [text for text in shown if KEY in text or SECRET in text] == []
    assert f'"status": {status}' in seen.err
