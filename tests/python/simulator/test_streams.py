"""Laws of the websocket and the event streams, and of what goes wrong on them."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from simulator_kit import HEADERS

from .conftest import SPEC, CheckedBroker, Stream, limit, open_stream, order, validate

TRADES = "/v2/events/trades"


def read_trades(broker: CheckedBroker, path: str = TRADES, **query: str) -> list[dict[str, Any]]:
    """What a bounded query of an event stream gives."""
    query.setdefault("until", "2030-01-01T00:00:00Z")
    text = broker.api("GET", path, params=query).text
    return [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: ")]


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_stream_needs_the_right_keys_before_it_listens(broker: CheckedBroker, slash: str) -> None:
    with open_stream(broker, slash) as stream:
        assert stream.say("listen", streams=["trade_updates"])["data"]["status"] == "unauthorized"
        answer = stream.say("authenticate", key_id="PKTEST", secret_key="wrong")
        assert answer == {
            "stream": "authorization",
            "data": {"status": "unauthorized", "action": "authenticate"},
        }
        stream.listen()


def test_an_empty_list_stops_listening(broker: CheckedBroker, stream: Stream) -> None:
    assert stream.say("listen", streams=[])["data"]["streams"] == []
    broker.order()
    assert stream.is_silent()


def test_a_refused_stream_says_unauthorized_until_it_is_accepted(broker: CheckedBroker) -> None:
    broker.control("stream", do="refuse")
    with open_stream(broker) as stream, pytest.raises(AssertionError):
        stream.listen()
    broker.control("stream", do="accept")
    with open_stream(broker) as stream:
        stream.listen()


def test_a_dropped_stream_loses_what_happens_and_may_come_again(
    broker: CheckedBroker, stream: Stream
) -> None:
    assert broker.control("stream", do="drop")["open"] == 0
    with pytest.raises(ConnectionClosed):
        stream.socket.recv(2)
    broker.order()
    with open_stream(broker) as again:
        assert again.listen().is_silent()


def test_a_frozen_stream_stays_open_and_says_nothing(broker: CheckedBroker, stream: Stream) -> None:
    broker.control("stream", do="freeze")
    assert not stream.socket.ping().wait(0.3)
    broker.order()
    assert stream.is_silent()
    broker.control("stream", do="thaw")
    broker.order(client_order_id="b")
    assert stream.names(3)[-1] == "fill"


def test_no_more_streams_than_the_limit_are_open(broker: CheckedBroker, stream: Stream) -> None:
    broker.control("set", connections=1)
    with open_stream(broker) as second:
        keys = {"key_id": "PKTEST", "secret_key": HEADERS["APCA-API-SECRET-KEY"]}
        assert second.say("authenticate", **keys)["data"]["code"] == 406
    stream.socket.close()
    while broker.control("stream")["open"]:
        time.sleep(0.02)
    with open_stream(broker) as third:
        third.listen()


def test_held_events_come_in_the_order_they_are_released(
    broker: CheckedBroker, stream: Stream
) -> None:
    broker.control("set", slices=2)
    broker.control("stream", do="hold")
    broker.order()
    assert stream.is_silent()
    broker.control("stream", do="release", reverse=True)
    assert stream.names(4) == ["fill", "partial_fill", "new", "pending_new"]


def test_a_lost_event_is_missing_on_the_stream_and_stands_in_the_books(
    broker: CheckedBroker, stream: Stream
) -> None:
    broker.control("set", slices=2)
    broker.control("stream", do="lose", event="partial_fill")
    broker.order()
    last = stream.read(3)[-1]
    assert (last["event"], last["qty"], last["order"]["filled_qty"]) == ("fill", "5", "10")
    assert len(broker.api("GET", "/v2/account/activities/FILL").json()) == 2


def test_events_are_copied_and_replayed_with_the_same_execution_ids(
    broker: CheckedBroker, stream: Stream
) -> None:
    broker.control("stream", do="copies", times=2)
    broker.order()
    first = stream.read(6)
    broker.control("replay", last=2, times=2)
    again = stream.read(4)
    assert [e["event"] for e in again] == ["new", "fill"] * 2
    assert {e["execution_id"] for e in again} == {e["execution_id"] for e in first} - {None}
    assert len(broker.judge()["executions"]) == 1


def test_a_fill_after_a_cancel_is_booked(broker: CheckedBroker, stream: Stream) -> None:
    taken = broker.order(**limit("60"))
    broker.api("DELETE", f"/v2/orders/{taken['id']}")
    broker.control("fill", client_order_id="a", qty="4", price="60")
    late = stream.read(5)[-1]
    assert (late["event"], late["order"]["status"]) == ("partial_fill", "canceled")
    assert broker.judge()["positions"] == {"KO": "4"}


@pytest.mark.parametrize("negative", [False, True])
def test_a_bust_takes_a_fill_back(broker: CheckedBroker, stream: Stream, negative: bool) -> None:
    broker.order()
    fill = stream.read(3)[-1]
    broker.control("bust", execution_id=fill["execution_id"], negative=negative)
    bust = stream.read(1)[0]
    assert (bust["event"], bust["qty"]) == ("trade_bust", "-10" if negative else "10")
    assert bust["previous_execution_id"] == fill["execution_id"] != bust["execution_id"]
    assert (bust["position_qty"], bust["order"]["filled_qty"]) == ("0", "0")
    judged = broker.judge()
    assert (judged["cash"], judged["positions"]) == ("100000", {})
    url = f"{broker.url}/_sim/bust"
    again = broker.client.post(url, json={"execution_id": fill["execution_id"]})
    assert again.status_code == 409


def test_a_correction_takes_the_place_of_a_fill(broker: CheckedBroker, stream: Stream) -> None:
    broker.order()
    fill = stream.read(3)[-1]
    broker.control("clock", to="2026-10-08T22:00:00Z")
    broker.control("correct", execution_id=fill["execution_id"], qty="9", price="62.4988475")
    told = stream.read(1)[0]
    assert (told["event"], told["qty"], told["price"]) == ("trade_correct", "9", "62.4988475")
    judged = broker.judge()
    assert (judged["cash"], judged["positions"]) == ("99437.5103725", {"KO": "9"})


@pytest.mark.parametrize("status", ["rejected", "done_for_day", "calculated", "held", "suspended"])
def test_an_order_has_the_status_it_is_told(
    broker: CheckedBroker, stream: Stream, status: str
) -> None:
    broker.order(**limit("60"))
    event = "suspended" if status == "held" else status
    broker.control("status", client_order_id="a", status=status, event=event)
    assert stream.names(3)[-1] == event
    assert broker.find("a")["status"] == status


def test_anything_can_be_said_on_the_stream_and_the_books_do_not_move(
    broker: CheckedBroker, stream: Stream
) -> None:
    data = {"event": "quantum_fill", "timestamp": "2026-10-08T15:10:00Z", "order": {"id": "x"}}
    broker.control("emit", data=data)
    assert stream.read(1, wild=True) == [data]
    assert broker.judge()["executions"] == []


def test_an_order_of_somebody_else_is_seen_on_the_stream(
    broker: CheckedBroker, stream: Stream
) -> None:
    broker.control("order", symbol="PEP", side="buy", qty="1", client_order_id="manual-web-order")
    seen = stream.read(2)
    assert {e["order"]["client_order_id"] for e in seen} == {"manual-web-order"}
    judged = broker.judge()
    assert (judged["submits"], judged["foreign"]) == ({}, 1)


def test_an_event_stream_goes_on_after_its_cursor_without_a_gap(broker: CheckedBroker) -> None:
    broker.order()
    everything = read_trades(broker, since="2026-10-01")
    assert [e["event"] for e in everything] == ["pending_new", "new", "fill"]
    rest = read_trades(broker, since_id=everything[0]["event_id"], until="", until_id="Z" * 26)
    assert rest == everything[1:]
    ids = [e["event_id"] for e in everything]
    assert ids == sorted(ids) and len(set(ids)) == 3


def test_an_event_stream_tells_nothing_old_without_a_cursor(broker: CheckedBroker) -> None:
    broker.order()
    url, told = broker.url + TRADES, []
    timer = threading.Timer(0.2, lambda: broker.order(client_order_id="b"))
    with httpx.stream("GET", url, headers=HEADERS, timeout=5) as answer:
        timer.start()
        for line in answer.iter_lines():
            told += [json.loads(line[6:])] if line.startswith("data: ") else []
            if len(told) == 3:
                break
    timer.join()
    assert {e["order"]["client_order_id"] for e in told} == {"b"}


def test_an_event_stream_has_comments(broker: CheckedBroker) -> None:
    text = "you are reading too slowly, dropped 10000 messages"
    timer = threading.Timer(0.2, lambda: broker.control("stream", do="comment", text=text))
    with httpx.stream("GET", broker.url + TRADES, headers=HEADERS, timeout=5) as answer:
        timer.start()
        assert next(line for line in answer.iter_lines() if line) == f": {text}"
    timer.join()


def test_a_bound_needs_its_beginning(broker: CheckedBroker) -> None:
    for query in ("until=2026-10-09", "until_id=Z", "since=2026-10-01&since_id=0", "since=today"):
        assert broker.api("GET", f"{TRADES}?{query}").status_code == 422
    assert broker.api("GET", TRADES, headers={}).status_code == 401


def test_the_activity_stream_links_a_bust_to_its_fill(broker: CheckedBroker) -> None:
    broker.order()
    fill = broker.judge()["executions"][0]["execution_id"]
    broker.control("bust", execution_id=fill)
    rows = read_trades(broker, "/v2beta1/events/activities", since="2026-10-01")
    kinds = [row["details"]["execution_type"] for row in rows]
    assert kinds == ["fill", "trade_bust"]
    assert (rows[0]["ref_id"], rows[1]["previous_id"]) == (fill, fill)
    if SPEC.is_file():
        for row in rows:
            validate({"$ref": "#/components/schemas/ActivityEventV2CommonFields"}, row)
            validate({"$ref": "#/components/schemas/ActivityV2DetailTRD"}, row["details"])


def test_the_stream_hears_nothing_of_a_refused_order(broker: CheckedBroker, stream: Stream) -> None:
    assert broker.api("POST", "/v2/orders", order(qty="0")).status_code == 422
    assert stream.is_silent()
