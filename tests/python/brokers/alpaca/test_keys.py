"""Laws of hosts and keys: a mode has one host, and nobody ever sees a key."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from alpaca_kit import KEY, NOW, SECRET, FakeAlpaca
from mqk.brokers.alpaca.keys import (
    KEY_NAME,
    SECRET_NAME,
    URL_NAME,
    Keys,
    find_base_url,
    find_stream_url,
    read_keys,
)
from mqk.brokers.alpaca.wiring import make_broker
from mqk.errors import MqkError

ENV = {KEY_NAME: KEY, SECRET_NAME: SECRET}


@pytest.mark.parametrize(
    ("mode", "host"), [("PAPER", "paper-api.alpaca.markets"), ("LIVE", "api.alpaca.markets")]
)
def test_a_mode_has_its_host(mode: str, host: str) -> None:
    base = find_base_url(mode, {})
    assert (base, find_stream_url(base)) == (f"https://{host}", f"wss://{host}/stream")


@pytest.mark.parametrize("mode", ["SHADOW", "paper", ""])
def test_a_mode_without_a_host_is_refused(mode: str) -> None:
    with pytest.raises(MqkError, match="MQA02"):
        find_base_url(mode, {})


@pytest.mark.parametrize(
    ("url", "stream"),
    [
        ("http://127.0.0.1:8801", "ws://127.0.0.1:8801/stream"),
        ("http://localhost:8801/", "ws://localhost:8801/stream"),
        ("https://[::1]:8801", "wss://[::1]:8801/stream"),
        ("http://127.9.9.9", "ws://127.9.9.9/stream"),
    ],
)
def test_this_machine_may_stand_in_for_the_broker(url: str, stream: str) -> None:
    assert find_stream_url(find_base_url("LIVE", {URL_NAME: url})) == stream


@pytest.mark.parametrize(
    "url",
    [
        "https://api.alpaca.markets",
        "https://paper-api.alpaca.markets",
        "http://127.0.0.1.example.com",
        "http://127.0.0.1@example.com",
        "http://user@127.0.0.1",
        "http://10.0.0.1",
        "http://0.0.0.0",
        "http://localhost.example.com",
        "ftp://127.0.0.1",
        "127.0.0.1:80",
        "http://[::1",
        "x",
    ],
)
def test_no_other_address_may(url: str) -> None:
    with pytest.raises(MqkError, match="MQA02"):
        find_base_url("PAPER", {URL_NAME: url})


def test_keys_are_read_under_the_names_that_are_given() -> None:
    keys = read_keys({"A": " k\n", "B": "s"}, "A", "B")
    assert keys.headers() == {"APCA-API-KEY-ID": "k", "APCA-API-SECRET-KEY": "s"}


@pytest.mark.parametrize("missing", [KEY_NAME, SECRET_NAME])
@pytest.mark.parametrize("value", [None, "", " "])
def test_a_key_that_is_missing_is_named_and_not_shown(missing: str, value: str | None) -> None:
    env = {name: key for name, key in ENV.items() if name != missing}
    if value is not None:
        env[missing] = value
    with pytest.raises(MqkError, match=f"MQA01.*{missing}") as caught:
        read_keys(env)
    assert not any(key in repr(caught.value) for key in (KEY, SECRET))


def test_keys_do_not_show_themselves() -> None:
    keys = Keys(KEY, SECRET)
    shown = [repr(keys), str(keys), f"{keys}", keys.redact(f"{KEY} {SECRET}")]
    assert [text for text in shown if KEY in text or SECRET in text] == []


def test_a_broker_and_its_parts_do_not_show_their_keys() -> None:
    fake = FakeAlpaca()
    env = {**ENV, URL_NAME: "http://127.0.0.1:9"}
    broker = make_broker(
        "PAPER", "PA1", NOW - timedelta(days=1), fake.budget, Random(1), fake.clock, env
    )
    parts = [broker, broker.rest, broker.rest.once, broker.rest.keys, *broker._events.channels]
    shown = [repr(part) for part in parts]
    shown += [repr(vars(part)) for part in parts if part is not broker.rest.keys]
    assert [text for text in shown if SECRET in text] == []
    broker.close()
