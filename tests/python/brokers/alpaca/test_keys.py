"""Laws of hosts and keys: a mode has one host, and nobody ever sees a key."""

from __future__ import annotations

import pickle
from datetime import timedelta
from random import Random

import pytest

from alpaca_kit import KEY, KEYS, NOW, SECRET, FakeAlpaca
from mqk.brokers.alpaca.keys import find_base_url, find_stream_url
from mqk.brokers.alpaca.wiring import make_broker
from mqk.errors import MqkError


@pytest.mark.parametrize(
    ("mode", "host"),
    [
        ("PAPER", "paper-api.alpaca.markets"),
        ("SHADOW", "paper-api.alpaca.markets"),
        ("LIVE", "api.alpaca.markets"),
    ],
)
def test_a_mode_has_its_host(mode: str, host: str) -> None:
    base = find_base_url(mode, "")
    assert (base, find_stream_url(base)) == (f"https://{host}", f"wss://{host}/stream")


@pytest.mark.parametrize("mode", ["BACKTEST", "paper", ""])
def test_a_mode_without_a_host_is_refused(mode: str) -> None:
    with pytest.raises(MqkError, match="MQA02"):
        find_base_url(mode, "")


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
    assert find_stream_url(find_base_url("LIVE", url)) == stream


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
        find_base_url("PAPER", url)


def test_keys_do_not_show_themselves_and_do_not_leave_their_process() -> None:
    shown = [repr(KEYS), str(KEYS), f"{KEYS}", repr(vars(KEYS)), KEYS.redact(f"{KEY} {SECRET}")]
    assert [text for text in shown if KEY in text or SECRET in text] == []
    with pytest.raises(TypeError):
        pickle.dumps(KEYS)


def test_a_broker_and_its_parts_do_not_show_their_keys() -> None:
    fake = FakeAlpaca()
    since, nowhere = NOW - timedelta(days=1), "http://127.0.0.1:9"
    broker = make_broker(nowhere, "PA1", since, fake.budget, Random(1), fake.clock, KEYS)
    parts = [broker, broker.rest, broker.rest.once, broker.rest.keys, *broker._events.channels]
    shown = [repr(part) for part in parts]
    shown += [repr(vars(part)) for part in parts if part is not broker.rest.keys]
    assert [text for text in shown if SECRET in text] == []
    broker.close()
