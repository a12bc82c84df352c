"""Laws of the messages: all that was said, as text, under a name that a replay has too."""

from __future__ import annotations

import json
from typing import Any

import pytest

from alpaca_kit import ORACLES, fill_row, order, trade_update
from mqk.brokers.alpaca.models import Order, Unreadable, parse, read
from mqk.brokers.alpaca.normalise import end_message, fill_message, read_update, update_message

FIELDS = {
    "message_id", "event", "broker_order_id", "client_order_id", "execution_id", "qty", "price",
    "previous_execution_id", "fee", "cum_qty", "position_qty", "order_qty", "replaces",
    "replaced_by", "at", "raw",
}  # fmt: skip


def update(**fields: Any) -> dict[str, Any]:
    """A message of a trade update."""
    return read_update("ws", json.dumps(trade_update(**fields)))


@pytest.mark.parametrize(
    "text",
    ["1", "1.10", "105.8988475", "0.123456789", "-7", "123456789012345678", "0.30000000000000004"],
)
def test_a_number_is_the_text_that_was_sent(text: str) -> None:
    assert parse(f'{{"n": {text}, "s": "{text}"}}') == {"n": text, "s": text}
    assert update(event="fill", price="@").get("price") is None  # not even a number: unreadable
    raw = json.dumps(trade_update(event="fill", price="@")).replace('"@"', text)
    assert read_update("ws", raw)["price"] == text


@pytest.mark.parametrize(
    "text", ["1e5", "1E-7", "1.", ".5", "+1", "0x10", "1,5", "١", "", " 1", "1\n"]
)
def test_a_number_of_another_shape_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        read(Order, order(filled_qty=text))
    assert update(event="fill", qty=text)["event"] == "unreadable"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 1}}',
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": "\\u0000"}',
        b'{"a": "\\ud800"}',
        b'{"a": "\xff"}',
        b"[" * 100_000,
    ],
)
def test_json_that_no_database_should_hold_is_refused(text: bytes) -> None:
    with pytest.raises(Unreadable):
        parse(text)


def test_a_fill_has_its_execution_its_numbers_and_its_order() -> None:
    said = trade_update(
        event="fill",
        price="62.50",
        qty="60",
        position_qty="100",
        order=order(filled_qty="100", qty="100", replaces="id-0"),
        previous_execution_id="x-0",
    )
    message = update_message("ws", said)
    assert {k: v for k, v in message.items() if k not in ("message_id", "raw")} == {
        "event": "fill",
        "broker_order_id": order()["id"],
        "client_order_id": "mqk-1",
        "execution_id": said["execution_id"],
        "previous_execution_id": "x-0",
        "qty": "60",
        "price": "62.50",
        "cum_qty": "100",
        "position_qty": "100",
        "order_qty": "100",
        "replaces": "id-0",
        "at": said["timestamp"],
    }
    assert message["raw"] == said


def test_what_was_not_said_is_absent() -> None:
    message = update(event="pending_new", execution_id=None)
    assert not {"execution_id", "qty", "price", "replaces", "fee"} & set(message)


def test_a_bust_names_the_execution_that_it_takes_back() -> None:
    message = update(event="trade_bust", previous_execution_id="x-0", qty="-40")
    assert (message["previous_execution_id"], message["qty"]) == ("x-0", "-40")


def test_an_event_that_nobody_knows_is_passed_on_verbatim() -> None:
    said = {"event": "quantum_entangled", "what": {"ever": ["1", None, True]}}
    message = read_update("sse", json.dumps(said))
    assert (message["event"], message["raw"]) == ("quantum_entangled", said)
    assert set(message) == {"message_id", "event", "raw"}


@pytest.mark.parametrize("text", [b"\xff\x00", b"<html>", b"[]", b'{"no": "event"}'])
def test_what_cannot_be_read_is_kept_as_text(text: bytes) -> None:
    message = read_update("ws", text)
    assert message["event"] == "unreadable"
    assert message["message_id"] == read_update("ws", text)["message_id"]
    json.dumps(message).encode("ascii")
    assert "\\u0000" not in json.dumps(message["raw"]).replace("\\\\", "")


def test_a_huge_message_is_cut_but_keeps_its_name() -> None:
    one, two = (update(order=order(note="x" * 100_000 + end)) for end in "ab")
    assert len(json.dumps(one)) < 65_536
    assert one["message_id"] != two["message_id"]
    assert one["client_order_id"] == "mqk-1"


def test_a_replay_has_the_same_name_and_anything_else_has_another() -> None:
    fill = {"event": "fill", "qty": "60", "price": "62.50"}
    names = [
        update(**fill),
        update(**{**fill, "price": "62.51"}),
        update(**{**fill, "execution_id": "x-1"}),
        update(**{**fill, "event": "partial_fill"}),
        read_update("sse", json.dumps(trade_update(**fill))),
    ]
    assert len({m["message_id"] for m in names}) == len(names)
    shuffled = dict(reversed(list(trade_update(**fill).items())))
    assert read_update("ws", json.dumps(shuffled, indent=3)) == names[0]
    assert all(len(m["message_id"]) <= 200 for m in names)


def test_a_long_word_for_an_event_does_not_make_a_long_name() -> None:
    assert len(update(event="x" * 200)["message_id"]) <= 200


def test_a_row_of_the_history_is_a_fill_of_the_order_that_we_named() -> None:
    row = fill_row(4)
    message = fill_message(row, {row["order_id"]: "mqk-1"})
    assert {k: v for k, v in message.items() if k not in ("message_id", "raw")} == {
        "event": "partial_fill",
        "broker_order_id": row["order_id"],
        "client_order_id": "mqk-1",
        "execution_id": "c91757bd-838f-5c94-80f0-000000000004",
        "qty": "1",
        "price": "62.49",
        "cum_qty": "4",
        "at": row["transaction_time"],
    }
    assert "client_order_id" not in fill_message(row, {})


def test_the_local_time_in_a_fill_id_is_not_the_fill() -> None:
    """On the night when the clocks go back, two fills have the same prefix."""
    one, two = (fill_row(n, id=f"20261101013000000::uuid-{n}") for n in (1, 2))
    assert fill_message(one, {})["execution_id"] == "uuid-1"
    assert fill_message(one, {})["message_id"] != fill_message(two, {})["message_id"]


@pytest.mark.parametrize(
    ("status", "field"),
    [
        ("canceled", "canceled_at"),
        ("expired", "expired_at"),
        ("rejected", "failed_at"),
        ("replaced", "replaced_at"),
    ],
)
def test_a_listed_order_that_ended_tells_its_end(status: str, field: str) -> None:
    data = order(status=status, filled_qty="4", **{field: "2026-11-02T15:09:00Z"})
    message = end_message(read(Order, data), data)
    assert message is not None
    assert (message["event"], message["at"], message["cum_qty"]) == (
        status,
        "2026-11-02T15:09:00Z",
        "4",
    )


@pytest.mark.parametrize("status", ["new", "filled", "pending_cancel", "of_tomorrow"])
def test_a_listed_order_that_did_not_end_so_tells_nothing(status: str) -> None:
    assert end_message(read(Order, order(status=status)), order(status=status)) is None


@pytest.mark.skipif(not ORACLES.exists(), reason="the oracles are not here: set MQK_SHARED")
def test_each_sequence_of_the_oracles_is_told_in_full() -> None:
    files = sorted((ORACLES / "sequences").glob("*.jsonl"))
    assert len(files) >= 10
    for file in files:
        frames = [json.loads(line)["data"] for line in file.read_text().splitlines()]
        messages = [read_update("ws", json.dumps(frame)) for frame in frames]
        for frame, message in zip(frames, messages, strict=True):
            assert set(message) <= FIELDS
            assert message["event"] == frame["event"]
            assert message.get("execution_id") == frame["execution_id"]
            assert message.get("price") == frame.get("price")
            assert message.get("qty") == frame.get("qty")
            assert message["cum_qty"] == frame["order"]["filled_qty"]
            assert message.get("replaced_by") == frame["order"]["replaced_by"]
            assert message["at"] == frame["timestamp"]
            assert message["raw"] == frame
        said = {json.dumps(frame, sort_keys=True) for frame in frames}
        assert len({m["message_id"] for m in messages}) == len(said), file.name
