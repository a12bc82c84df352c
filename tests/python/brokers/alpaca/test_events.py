"""Laws of the merged events: nothing is lost between three channels, a crash, or a failed store."""

from __future__ import annotations

import gc
import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

import httpx
import pytest
from websockets.sync.server import ServerConnection, serve

from alpaca_kit import ACCOUNT, KEYS, NOW, SINCE, FakeAlpaca, fill_row, order, said, trade_update
from mqk.brokers import Message, NotSent, Unauthorized, Unsure
from mqk.brokers.alpaca.channel import Channel, Item
from mqk.brokers.alpaca.cursor import Cursor, read_cursor
from mqk.brokers.alpaca.events import Events
from mqk.brokers.alpaca.listing import format_instant
from mqk.brokers.alpaca.stream import TradeStream
from mqk.brokers.alpaca.wiring import make_broker
from mqk.clock import VirtualClock
from mqk.errors import MqkError

ULID = "01KA0000000000000000000001"
FILLS = "GET /v2/account/activities/FILL"


class Feed:
    """Events without threads: the test puts items in, and says what a sweep gives."""

    def __init__(self, cursor: str | None = None) -> None:
        self.clock = VirtualClock(NOW)
        self.windows: list[tuple[datetime, datetime]] = []
        self.gives: list[Any] = []
        self.events = Events(self._sweep, self.clock, SINCE, patience=0.0)
        self.cursor = cursor

    def _sweep(self, after: datetime, until: datetime) -> Iterator[list[Message]]:
        self.windows.append((after, until))
        for batch in self.gives:
            if isinstance(batch, Exception):
                raise batch
            yield batch

    def put(self, kind: Any, text: str = "", channel: str = "ws") -> None:
        """Put an item in."""
        self.events.items.put(Item(channel, kind, text))

    def frame(self, channel: str = "ws", **fields: Any) -> None:
        """Put a trade update in."""
        self.put("FRAME", json.dumps(trade_update(**fields)), channel)

    def read(self) -> list[str]:
        """Read once and store; give the events' words, or the fills' numbers."""
        messages, self.cursor = self.events.read(self.cursor)
        return [m.get("n") or m["event"] for m in messages]

    def drain(self) -> list[str]:
        """Read until there is nothing."""
        found, part = [], self.read()
        while part:
            found += part
            part = self.read()
        return found

    def live(self) -> None:
        """Let the stream listen, and sweep."""
        self.put("LISTENING")
        self.drain()
        self.drain()
        assert self.state == "LIVE"

    @property
    def state(self) -> str:
        """The word of continuity."""
        return self.events.continuity[0]

    def later(self, **delta: float) -> None:
        """Let time pass."""
        self.clock.move_to(self.clock() + timedelta(**delta))


def message(number: int) -> Message:
    """A message of a sweep."""
    return {"message_id": str(number), "event": "fill", "n": str(number)}


def test_events_are_cold_until_the_stream_listens_and_a_sweep_is_complete() -> None:
    feed = Feed()
    assert feed.state == "COLD"
    feed.gives = [[message(1)], [message(2)]]
    feed.frame(event="new")
    feed.put("LISTENING")
    feed.frame(event="fill")
    assert feed.read() == ["new"]
    assert feed.state == "COLD"
    assert feed.read() == ["1"]
    assert feed.read() == ["2"]
    assert feed.state == "COLD"
    assert feed.read() == ["fill"]
    assert feed.state == "LIVE"
    assert feed.windows == [(SINCE, NOW)]


def test_a_stream_that_breaks_is_a_gap_until_it_listens_and_is_swept() -> None:
    feed = Feed()
    feed.live()
    feed.put("DROP", "silence")
    assert feed.drain() == []
    assert feed.events.continuity == ("GAP", "the stream broke: silence")
    feed.later(seconds=20)
    feed.gives = [[message(1)]]
    feed.put("LISTENING")
    assert feed.read() == ["1"]
    assert feed.state == "GAP"  # this sweep began before the stream listened
    assert feed.drain() == ["1"]
    assert feed.state == "LIVE"


def test_a_break_while_it_is_swept_is_a_gap_again() -> None:
    feed = Feed()
    feed.gives = [[message(1)]]
    feed.put("LISTENING")
    assert feed.read() == ["1"]
    feed.put("DROP", "x")
    assert feed.drain() == []
    assert feed.state == "GAP"


@pytest.mark.parametrize(
    "failure", [NotSent("no"), Unsure("x"), NotSent("x", NOW + timedelta(seconds=9))]
)
def test_a_sweep_that_fails_is_tried_again_and_frames_go_on(failure: Exception) -> None:
    feed = Feed()
    feed.gives = [[message(1)], failure]
    feed.put("LISTENING")
    feed.frame(event="fill")
    assert feed.drain() == ["1", "fill"]
    assert feed.state == "COLD"
    assert "a sweep failed" in feed.events.continuity[1]
    assert feed.drain() == []
    assert len(feed.windows) == 1
    feed.gives = [[message(2)]]
    feed.later(seconds=9)
    assert feed.drain() == ["2"]
    assert feed.state == "LIVE"


def test_a_live_stream_is_swept_every_minute_with_an_overlap() -> None:
    feed = Feed()
    feed.live()
    feed.later(seconds=59.999)
    feed.drain()
    assert len(feed.windows) == 1
    feed.later(seconds=0.001)
    feed.drain()
    later = NOW + timedelta(minutes=1)
    assert feed.windows[1:] == [(NOW - timedelta(minutes=10), later)]
    assert feed.state == "LIVE"


def test_while_the_stream_is_away_sweeps_bring_the_fills() -> None:
    feed = Feed()
    feed.gives = [[message(1)]]
    feed.put("DROP", "x")
    assert feed.drain() == []
    feed.later(seconds=15)
    assert feed.drain() == ["1"]
    assert feed.state == "COLD"


def test_a_gap_is_swept_a_day_back_but_never_to_before_the_run() -> None:
    swept = SINCE + timedelta(days=3)
    feed = Feed(Cursor(7, ULID, format_instant(swept)).text())
    feed.put("LISTENING")
    feed.drain()
    feed.drain()
    assert feed.windows[0][0] == swept - timedelta(days=1)
    feed = Feed(Cursor(7, ULID, format_instant(SINCE + timedelta(minutes=1))).text())
    feed.live()
    assert feed.windows[0][0] == SINCE


def test_a_batch_that_was_not_stored_is_given_again() -> None:
    feed = Feed()
    feed.frame(event="new")
    first = feed.events.read(None)
    feed.frame(event="fill")
    assert feed.events.read(None) == first
    assert [m["event"] for m in feed.events.read(first[1])[0]] == ["fill"]


def test_every_batch_has_a_cursor_of_its_own_and_nothing_new_keeps_it() -> None:
    feed = Feed()
    cursors = set()
    for _ in range(3):
        feed.frame(event="new")
        feed.read()
        cursors.add(feed.cursor)
        assert feed.events.read(feed.cursor) == ([], feed.cursor)
    assert len(cursors) == 3


def test_a_batch_is_bounded() -> None:
    feed = Feed()
    for _ in range(450):
        feed.frame(event="new")
    assert [len(feed.read()) for _ in range(4)] == [200, 200, 50, 0]


def test_the_event_stream_goes_on_from_the_cursor() -> None:
    feed = Feed()
    assert feed.events.find_start() == {"since": format_instant(SINCE)}
    feed.frame("sse", event_id=ULID)
    feed.frame("ws", event_id="01KA0000000000000000000002")
    feed.read()
    again = Feed(feed.cursor)
    again.read()
    assert again.events.find_start() == {"since_id": ULID}
    assert read_cursor(feed.cursor).batch == 1


@pytest.mark.parametrize("kind", ["DROP", "ABSENT", "LISTENING"])
def test_the_event_stream_does_not_decide_about_continuity(kind: str) -> None:
    feed = Feed()
    feed.live()
    feed.put(kind, "x", "sse")
    feed.drain()
    assert feed.state == "LIVE"
    cold = Feed()
    cold.put(kind, "x", "sse")
    cold.drain()
    assert cold.state == "COLD"


@pytest.mark.parametrize("channel", ["ws", "sse"])
def test_keys_that_a_channel_refuses_are_refused_for_ever(channel: str) -> None:
    feed = Feed()
    feed.frame(event="fill")
    feed.put("REFUSED", "unauthorized on the stream", channel)
    assert feed.read() == ["fill"]
    for _ in range(2):
        with pytest.raises(Unauthorized, match="unauthorized"):
            feed.read()
    assert feed.state != "LIVE"


def test_a_sweep_whose_keys_are_refused_is_the_end_too() -> None:
    feed = Feed()
    feed.gives = [Unauthorized("401")]
    feed.put("LISTENING")
    for _ in range(2):
        with pytest.raises(Unauthorized):
            feed.read()


@pytest.mark.parametrize(
    "text", ["12", "x", "{}", '{"batch": 1, "event_id": null, "swept_at": "yesterday"}']
)
def test_a_cursor_of_another_broker_is_refused(text: str) -> None:
    with pytest.raises(MqkError, match="MQA02"):
        Feed(text).read()


def test_a_sweep_names_our_order_of_each_fill_and_tells_what_ended() -> None:
    old = order(id="old", client_order_id="mqk-0")
    ended = order(
        id="e", client_order_id="mqk-e", status="canceled", canceled_at="2026-11-02T15:09:00Z"
    )
    fake = FakeAlpaca().on("GET /v2/orders", said(200, [order(), ended]))
    fake.on("GET /v2/orders/old", said(200, old))
    rows = [fill_row(1), fill_row(2, order_id="old"), fill_row(3, order_id="nobody"), {"id": "x"}]
    fake.on(FILLS, said(200, rows))
    fake.events.items.put(Item("ws", "LISTENING", ""))
    fake.broker.events(None)
    messages, cursor = fake.broker.events(None)
    assert [(m["event"], m.get("client_order_id")) for m in messages] == [
        ("partial_fill", "mqk-1"),
        ("partial_fill", "mqk-0"),
        ("partial_fill", None),
        ("unreadable", None),
    ]
    messages, cursor = fake.broker.events(cursor)
    assert [(m["event"], m["client_order_id"]) for m in messages] == [("canceled", "mqk-e")]
    assert fake.broker.events(cursor) == ([], cursor)
    assert fake.broker.continuity()[0] == "LIVE"


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 250])
def test_the_history_is_read_to_its_end(count: int) -> None:
    rows = [fill_row(n) for n in range(count)]

    def page(request: httpx.Request) -> httpx.Response:
        token = request.url.params.get("page_token")
        at = 0 if token is None else 1 + next(n for n, r in enumerate(rows) if r["id"] == token)
        return said(200, rows[at : at + int(request.url.params["page_size"])])

    fake = FakeAlpaca().on("GET /v2/orders", said(200, [order()])).on(FILLS, page)
    found = [m for batch in fake.events.sweep(SINCE, NOW) for m in batch]
    assert [m["cum_qty"] for m in found] == [str(n) for n in range(count)]
    assert len({m["message_id"] for m in found}) == count


def test_a_page_of_the_history_that_comes_again_is_in_doubt() -> None:
    fake = FakeAlpaca().on("GET /v2/orders", said(200, []))
    fake.on("GET /v2/orders/d105718f-fcd6-5bcc-a9eb-3e1b29e70bc9", said(200, order()))
    fake.on(FILLS, said(200, [fill_row(n) for n in range(100)]))
    with pytest.raises(Unsure, match="no end"):
        list(fake.events.sweep(SINCE, NOW))


def test_events_wait_no_longer_than_they_are_asked_to() -> None:
    events = Events(lambda *_: iter(()), VirtualClock(NOW), SINCE, patience=0.2)
    began = time.monotonic()
    assert events.read(None) == ([], None)
    assert 0.1 < time.monotonic() - began < 1.5


def until(done: Callable[[], bool], step: Callable[[], None]) -> None:
    """Step until something is so, for ten seconds at most."""
    deadline = time.monotonic() + 10
    while not done() and time.monotonic() < deadline:
        step()
    assert done()


def test_a_fill_that_the_websocket_lost_is_found_when_it_listens_again() -> None:
    """A real websocket and real threads: the connection falls, a fill happens, it comes back."""
    go_on = threading.Event()
    fake = FakeAlpaca().on("GET /v2/orders", said(200, [order()])).on(FILLS, said(200, []))
    sessions = []

    def handler(socket: ServerConnection) -> None:
        sessions.append(1)
        socket.recv(timeout=5)
        socket.send('{"stream":"authorization","data":{"status":"authorized"}}')
        socket.recv(timeout=5)
        socket.send(b'{"stream":"listening","data":{"streams":["trade_updates"]}}')
        if len(sessions) == 1:
            data = trade_update(event="partial_fill", qty="1", price="62.49")
            socket.send(json.dumps({"stream": "trade_updates", "data": data}).encode())
            go_on.wait(5)  # and the connection ends
        else:
            for _ in socket:
                pass

    seen: list[Message] = []
    cursor: list[str | None] = [None]

    def read() -> None:
        messages, cursor[0] = fake.broker.events(cursor[0])
        seen.extend(messages)

    with serve(handler, "127.0.0.1", 0, logger=None) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        url = f"ws://127.0.0.1:{server.socket.getsockname()[1]}/stream"
        stream = TradeStream(url, KEYS, silence=0.2, answer=2)
        pause = threading.Event()
        channel = Channel(stream, fake.events.items, lambda: 0.0, lambda _: pause.wait(0.05))
        fake.events.channels, fake.events.patience = [channel], 0.05
        until(lambda: fake.broker.continuity()[0] == "LIVE" and len(seen) == 1, read)
        go_on.set()
        until(lambda: fake.broker.continuity()[0] == "GAP", read)
        fake.on(FILLS, said(200, [fill_row(2)]))
        until(lambda: fake.broker.continuity()[0] == "LIVE", read)
        fake.broker.close()
        pause.set()
        server.shutdown()
        thread.join(5)
    channel.thread.join(5)
    assert [m["message_id"].split(":")[0] for m in seen] == ["ws", "fills"]
    assert not channel.thread.is_alive()


def test_a_broker_that_nobody_uses_any_more_lets_its_threads_end() -> None:
    fake, nowhere = FakeAlpaca(), "http://127.0.0.1:9"
    broker = make_broker(nowhere, ACCOUNT, SINCE, fake.budget, Random(1), fake.clock, KEYS)
    channels = broker._events.channels
    assert broker._events.read(None) == ([], None)
    assert len(channels) == 2
    del broker
    gc.collect()
    for channel in channels:
        channel.thread.join(5)
        assert not channel.thread.is_alive()
