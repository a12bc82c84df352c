"""Laws of the two channels, against servers on this machine: keys, silence, drops, resumption."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from websockets.sync.server import ServerConnection, serve

from alpaca_kit import KEY, KEYS, ORACLES, SECRET, trade_update
from mqk.brokers.alpaca.channel import (
    FRAME_LIMIT,
    Channel,
    Drop,
    Item,
    KeysRefused,
    Post,
    find_pause,
)
from mqk.brokers.alpaca.cursor import Trail
from mqk.brokers.alpaca.sse import EventStream, parse_events, split_lines
from mqk.brokers.alpaca.stream import TradeStream

Handler = Callable[[ServerConnection], None]


class Heard:
    """Collects what a session posts; ends it after `enough` frames."""

    def __init__(self, enough: int = 1) -> None:
        self.items: list[tuple[str, str]] = []
        self.enough = enough

    def __call__(self, kind: str, text: str) -> None:
        """A Post."""
        self.items.append((kind, text))
        if len(self.frames) >= self.enough:
            raise Drop("enough")

    @property
    def frames(self) -> list[str]:
        """Texts of the frames."""
        return [text for kind, text in self.items if kind == "FRAME"]


@contextmanager
def websocket(handler: Handler) -> Iterator[str]:
    """A websocket server on this machine."""
    with serve(handler, "127.0.0.1", 0, logger=None) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}/stream"
        server.shutdown()
        thread.join(5)


def greet(socket: ServerConnection, status: str = "authorized") -> list[dict[str, Any]]:
    """Answer the keys, then listen; give what the client said. Frames are binary, as on paper."""
    said = [json.loads(socket.recv(timeout=5))]
    answer = {"stream": "authorization", "data": {"status": status, "action": "authenticate"}}
    socket.send(json.dumps(answer).encode())
    if status == "authorized":
        said.append(json.loads(socket.recv(timeout=5)))
        socket.send(json.dumps({"stream": "listening", "data": said[-1]["data"]}).encode())
    return said


def listen(handler: Handler, heard: Heard, **options: float) -> None:
    """Run one session against a handler; it ends with an exception."""
    with websocket(handler) as url:
        TradeStream(url, KEYS, **options)(heard)


def test_the_stream_shows_its_keys_listens_and_hands_over_binary_and_text_frames() -> None:
    said: list[dict[str, Any]] = []

    def handler(socket: ServerConnection) -> None:
        said.extend(greet(socket))
        frame = json.dumps({"stream": "trade_updates", "data": trade_update()})
        socket.send(frame.encode())
        socket.send(frame)

    heard = Heard(2)
    with pytest.raises(Drop, match="enough"):
        listen(handler, heard)
    assert said[0] == {"action": "authenticate", "data": {"key_id": KEY, "secret_key": SECRET}}
    assert said[1] == {"action": "listen", "data": {"streams": ["trade_updates"]}}
    assert heard.items[0] == ("LISTENING", "")
    assert [json.loads(f) for f in heard.frames] == [trade_update()] * 2


def test_keys_that_are_refused_end_the_stream(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(1)
    with pytest.raises(KeysRefused) as caught:
        listen(lambda socket: greet(socket, "unauthorized") and None, Heard())
    assert [t for t in (str(caught.value), caplog.text) if KEY in t or SECRET in t] == []


def test_silence_after_the_keys_is_a_drop() -> None:
    with pytest.raises(Drop, match="no authorization"):
        listen(
            lambda socket: socket.recv() and threading.Event().wait(0.5) and None,
            Heard(),
            answer=0.2,
        )


def test_a_broker_that_does_not_let_us_listen_is_a_drop() -> None:
    def handler(socket: ServerConnection) -> None:
        socket.recv()
        socket.send('{"stream":"authorization","data":{"status":"authorized"}}')
        socket.recv()
        socket.send('{"stream":"listening","data":{"streams":[]}}')
        threading.Event().wait(0.3)

    with pytest.raises(Drop, match="listen"):
        listen(handler, Heard())


def test_a_quiet_stream_that_answers_a_ping_goes_on() -> None:
    def handler(socket: ServerConnection) -> None:
        greet(socket)
        threading.Event().wait(0.5)  # several deadlines long
        socket.send(json.dumps({"stream": "trade_updates", "data": {"event": "new"}}))

    heard = Heard()
    with pytest.raises(Drop, match="enough"):
        listen(handler, heard, silence=0.1, answer=30)


def test_a_stream_that_neither_speaks_nor_closes_is_a_drop() -> None:
    """The server's library answers pings by itself, so a bare socket plays the dead one."""
    import base64
    import hashlib
    import socket as sockets

    server = sockets.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def frame(text: str) -> bytes:
        body = text.encode()
        return bytes([0x81, len(body)]) + body

    def half_open() -> None:
        peer, _ = server.accept()
        head = peer.recv(4096).decode()
        key = next(
            x.split(": ")[1] for x in head.split("\r\n") if x.startswith("Sec-WebSocket-Key")
        )
        accept = hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()
        peer.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + base64.b64encode(accept) + b"\r\n\r\n"
        )
        peer.recv(4096)
        peer.sendall(frame('{"stream":"authorization","data":{"status":"authorized"}}'))
        peer.recv(4096)
        peer.sendall(frame('{"stream":"listening","data":{"streams":["trade_updates"]}}'))
        done.wait(10)
        peer.close()

    thread = threading.Thread(target=half_open, daemon=True)
    thread.start()
    heard = Heard()
    with pytest.raises(Drop, match="silence"):
        TradeStream(f"ws://127.0.0.1:{server.getsockname()[1]}/", KEYS, silence=0.1, answer=0.3)(
            heard
        )
    done.set()
    thread.join(5)
    server.close()
    assert heard.items == [("LISTENING", "")]


def test_a_stream_that_closes_is_a_drop_and_so_is_a_refused_connection() -> None:
    with pytest.raises(Drop):
        listen(lambda socket: greet(socket) and None, Heard())
    with pytest.raises(Drop):
        TradeStream("ws://127.0.0.1:9/stream", KEYS)(Heard())


@pytest.mark.parametrize(
    ("status", "end"),
    [(401, KeysRefused), (403, KeysRefused), (404, Drop), (429, Drop), (503, Drop)],
)
def test_a_handshake_that_is_refused_is_about_keys_or_tried_again(
    status: int, end: type[Exception]
) -> None:
    def refuse(socket: ServerConnection, _: Any) -> Any:
        return socket.respond(status, "no")

    with serve(lambda _: None, "127.0.0.1", 0, logger=None, process_request=refuse) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        with pytest.raises(end, match=str(status)):
            TradeStream(f"ws://127.0.0.1:{server.socket.getsockname()[1]}/", KEYS)(Heard())
        server.shutdown()
        thread.join(5)


def test_a_frame_that_cannot_be_read_is_handed_over_and_a_foreign_stream_is_not() -> None:
    def handler(socket: ServerConnection) -> None:
        greet(socket)
        socket.send('{"stream":"weather","data":{}}')
        socket.send(b"\xff{")

    heard = Heard()
    with pytest.raises(Drop, match="enough"):
        listen(handler, heard)
    assert heard.frames == ["\\xff{"]


class Script(Channel):
    """A channel of sessions made of exceptions; no pause, but it remembers them."""

    def __init__(self, *ends: Exception, frames: int = 0) -> None:
        self.pauses: list[float] = []
        left = list(ends)

        class Session:
            name = "ws"

            def __call__(self, post: Post) -> None:
                post("LISTENING", "")
                for n in range(frames):
                    post("FRAME", str(n))
                raise left.pop(0)

        def pause(seconds: float) -> bool:
            self.pauses.append(seconds)
            return len(self.pauses) >= len(ends)

        super().__init__(Session(), queue.SimpleQueue(), lambda: 1.0, pause)

    def run(self) -> list[Item]:
        """Run to the end; give what was put."""
        self.start()
        self.thread.join(10)
        assert not self.thread.is_alive()
        return [self.items.get_nowait() for _ in range(self.items.qsize())]


def test_pauses_between_sessions_grow_from_one_second_to_sixty() -> None:
    script = Script(*[Drop("x")] * 8)
    assert [item.kind for item in script.run()] == ["LISTENING", "DROP"] * 8
    assert script.pauses == [1, 2, 4, 8, 16, 32, 60, 60]


@pytest.mark.parametrize("failures", [0, 1, 5, 6, 9, 10_000])
def test_a_pause_is_one_to_sixty_seconds_whatever_the_jitter(failures: int) -> None:
    assert all(1 <= find_pause(failures, j / 10) <= 60 for j in range(11))
    assert find_pause(9, 0.0) == 30


def test_a_channel_whose_keys_are_refused_never_tries_again() -> None:
    script = Script(KeysRefused("no"), Drop("never"))
    assert [item.kind for item in script.run()] == ["LISTENING", "REFUSED"]
    assert script.pauses == []


def test_an_error_that_nobody_foresaw_is_a_drop_and_not_the_end() -> None:
    items = Script(ZeroDivisionError("x"), Drop("y")).run()
    assert [(i.kind, i.text) for i in items if i.kind == "DROP"] == [
        ("DROP", "ZeroDivisionError"),
        ("DROP", "y"),
    ]


def test_a_reader_that_is_too_slow_loses_the_session_and_not_the_memory() -> None:
    items = Script(Drop("x"), frames=FRAME_LIMIT + 5).run()
    assert len([i for i in items if i.kind == "FRAME"]) < FRAME_LIMIT
    assert (items[-1].kind, items[-1].text) == ("DROP", "the reader is too slow")


def test_events_are_told_from_comments_however_they_are_cut() -> None:
    text = b': hi\r\n\r\ndata: {"a":\ndata: 1}\nid: 7\nevent: x\n\n:heartbeat\n\ndata:b\n\ndata: cut off'
    for size in (1, 2, 7, 1000):
        chunks = [text[n : n + size] for n in range(0, len(text), size)]
        found = [(e.is_comment, e.text) for e in parse_events(split_lines(chunks))]
        assert found == [(True, "hi"), (False, '{"a":\n1}'), (True, "heartbeat"), (False, "b")]


@pytest.mark.skipif(not ORACLES.exists(), reason="the oracles are not here: set MQK_SHARED")
def test_the_comments_of_the_oracle_are_heartbeat_loss_and_error() -> None:
    lines = (ORACLES / "sse_trades.txt").read_bytes().split(b"\n")
    events = list(parse_events(lines))
    assert [e.text for e in events if e.is_comment] == [
        "heartbeat",
        "you are reading too slowly, dropped 10000 messages",
        "internal server error",
    ]
    assert json.loads(next(e.text for e in events if not e.is_comment))["event_id"]


def test_a_line_without_an_end_is_a_drop() -> None:
    with pytest.raises(Drop):
        list(split_lines([b"x" * 600_000, b"x" * 600_000]))


@contextmanager
def event_server(
    script: Callable[[int, dict[str, str]], tuple[int, list[str]]],
) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A server of events: `script(number, query)` gives status and parts; then it hangs up."""
    asked: list[dict[str, str]] = []

    class Handle(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
            asked.append({**query, "key": self.headers["APCA-API-KEY-ID"]})
            status, parts = script(len(asked), query)
            self.send_response(status)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            for part in parts:
                if part == "HANG":
                    threading.Event().wait(1)
                else:
                    self.wfile.write(part.encode())
                    self.wfile.flush()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handle)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()
    thread.join(5)


def event_id(number: int) -> str:
    """A ULID, `number` minutes after the first."""
    digits, value = "", 1_790_000_000_000 + number * 60_000
    for _ in range(10):
        digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[value % 32] + digits
        value //= 32
    return f"{digits}{'0' * 16}"


def test_an_event_stream_that_breaks_is_resumed_without_a_gap() -> None:
    everything = [event_id(n) for n in range(35)]

    def script(number: int, query: dict[str, str]) -> tuple[int, list[str]]:
        left = [e for e in everything if e > query.get("since_id", "")]
        events = [f'data: {{"event":"new","event_id":"{e}"}}\n\n' for e in left]
        breaks = {
            1: [": internal server error\n\n"],
            2: [": you are reading too slowly, dropped 9 messages\n\n"],
        }
        return 200, events[: 5 * number] + breaks.get(number, [])

    with event_server(script) as (url, asked):
        trail, seen = Trail(None), []

        def start() -> dict[str, str]:
            return {"since_id": trail.start} if trail.start else {"since": "2026-11-02T13:00:00Z"}

        def post(kind: str, text: str) -> None:
            if kind == "FRAME":
                seen.append(json.loads(text)["event_id"])
                trail.add(seen[-1])

        stream = EventStream(url, KEYS, start)
        while set(seen) != set(everything):
            with pytest.raises(Drop):
                stream(post)
    assert asked[0] == {"since": "2026-11-02T13:00:00Z", "key": KEY}
    assert all("since_id" in query for query in asked[1:])
    assert len(asked) < 10


def test_an_event_stream_is_read_again_from_two_minutes_before_its_last_event() -> None:
    trail = Trail(event_id(0))
    for number in (1, 2, 3, 9, 8, 10):
        trail.add(event_id(number))
    assert trail.start == event_id(3)  # since_id is exclusive: 8, 9 and 10 come again
    trail.add("not a ulid")
    assert trail.start == event_id(3)


def test_an_event_stream_without_a_line_for_too_long_is_a_drop() -> None:
    quiet = [":heartbeat\n\n", "HANG"]
    with (
        event_server(lambda *_: (200, quiet)) as (url, _),
        pytest.raises(Drop, match="ReadTimeout"),
    ):
        EventStream(url, KEYS, dict, silence=0.2)(Heard())


@pytest.mark.parametrize(
    ("status", "end"), [(401, "KeysRefused"), (403, "Absent"), (404, "Absent"), (500, "Drop")]
)
def test_an_event_stream_that_is_not_given_is_refused_absent_or_broken(
    status: int, end: str
) -> None:
    with (
        event_server(lambda *_: (status, [])) as (url, _),
        pytest.raises(Exception, match=str(status)) as caught,
    ):
        EventStream(url, KEYS, dict)(Heard())
    assert type(caught.value).__name__ == end
