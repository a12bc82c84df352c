"""Laws of the wire itself, against a real socket: what arrives at the broker, and how often."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any

import httpx
import pytest

from alpaca_kit import ACCOUNT, KEY, KEYS, NOW, SECRET, FakeAlpaca, account, order, permit
from mqk.brokers import NotSent, Unsure
from mqk.brokers.alpaca import AlpacaBroker, rest
from mqk.brokers.alpaca.wiring import make_broker

Reply = Callable[[BaseHTTPRequestHandler], None]


def give(handler: BaseHTTPRequestHandler, status: int, body: Any, **headers: str) -> None:
    """Answer with JSON."""
    data = json.dumps(body).encode()
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(data)), **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(data)


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    """Close without an answer."""
    handler.close_connection = True


def stop_in_the_middle(handler: BaseHTTPRequestHandler) -> None:
    """Promise more than is sent."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"id": "')
    handler.close_connection = True


def wait_too_long(handler: BaseHTTPRequestHandler) -> None:
    """Accept, and answer when nobody listens any more."""
    time.sleep(1.2)
    handler.close_connection = True


class Server:
    """A broker that keeps what arrives: (method, path, headers, port of the peer)."""

    def __init__(self, url: str, seen: list[tuple[str, str, dict[str, str], int]]) -> None:
        self.url, self.seen = url, seen

    def broker(self) -> AlpacaBroker:
        """A broker that talks to it."""
        fake = FakeAlpaca()
        since = NOW - timedelta(hours=1)
        return make_broker(self.url, ACCOUNT, since, fake.budget, Random(1), fake.clock, KEYS)

    def count(self, method: str) -> int:
        """How often a method arrived."""
        return sum(m == method for m, *_ in self.seen)


@contextmanager
def server(post: Reply) -> Iterator[Server]:
    """A broker on this machine that answers each change so."""
    seen: list[tuple[str, str, dict[str, str], int]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def note(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            seen.append((self.command, self.path, dict(self.headers), self.client_address[1]))

        def do_GET(self) -> None:
            self.note()
            give(self, 200, account())

        def do_POST(self) -> None:
            self.note()
            post(self)

        do_DELETE = do_PATCH = do_POST

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    yield Server(f"http://127.0.0.1:{http.server_port}", seen)
    http.shutdown()
    http.server_close()
    thread.join(5)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Timeouts that a test can wait for."""
    monkeypatch.setattr(rest, "TIMEOUT", httpx.Timeout(connect=0.8, read=0.8, write=0.8, pool=0.8))


def test_the_timeouts_are_those_that_were_agreed() -> None:
    client = FakeAlpaca().rest.once
    assert client.timeout == httpx.Timeout(connect=3, read=10, write=5, pool=2)
    assert client.follow_redirects is False
    assert client.trust_env is False


@pytest.mark.parametrize("fault", [hang_up, stop_in_the_middle, wait_too_long])
def test_an_order_whose_answer_is_lost_is_in_doubt_and_was_sent_once(
    fault: Reply, impatient: None
) -> None:
    with server(fault) as there:
        broker = there.broker()
        with pytest.raises(Unsure):
            broker.submit(permit())
        time.sleep(0.2)
        assert there.count("POST") == 1
        broker.close()


def test_an_order_whose_answer_is_slow_is_sent_once(impatient: None) -> None:
    def slow(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.1)
        give(handler, 200, order())

    with server(slow) as there:
        broker = there.broker()
        assert broker.submit(permit()) == order()["id"]
        assert there.count("POST") == 1
        broker.close()


def test_an_order_to_nobody_is_not_sent() -> None:
    with server(hang_up) as there:
        broker = there.broker()
        broker.account()
    with pytest.raises(NotSent):
        broker.submit(permit())
    broker.close()


def test_a_redirect_is_not_followed_with_our_keys() -> None:
    with server(lambda h: give(h, 307, {}, Location="/elsewhere")) as there:
        broker = there.broker()
        with pytest.raises(Unsure):
            broker.submit(permit())
        assert [path for method, path, *_ in there.seen if method == "POST"] == ["/v2/orders"]
        broker.close()


def test_each_change_has_a_connection_of_its_own_and_reads_share_one() -> None:
    with server(lambda h: give(h, 200, order())) as there:
        broker = there.broker()
        for _ in range(3):
            broker.submit(permit())
            broker.account()
        ports = {
            m: {port for method, _, _, port in there.seen if method == m} for m in ("POST", "GET")
        }
        assert (len(ports["POST"]), len(ports["GET"])) == (3, 1)
        broker.close()


def test_every_request_carries_the_keys_and_no_address_does() -> None:
    with server(lambda h: give(h, 200, order())) as there:
        broker = there.broker()
        broker.submit(permit())
        broker.close()
    for _, path, headers, _ in there.seen:
        named = {name.lower(): value for name, value in headers.items()}
        assert (named["apca-api-key-id"], named["apca-api-secret-key"]) == (KEY, SECRET)
        assert KEY not in path and SECRET not in path
