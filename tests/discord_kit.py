"""A Discord of our own: webhooks over real HTTP on this machine, which answer, refuse and stall as told.

with Discord() as discord:
    discord.faults("alerts", busy(0.5), 500)     # then 200 again
    Webhook(discord.url("alerts")).send(message)
    discord.posts("alerts")
"""

from __future__ import annotations

import io
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from mqk.notices.discord import Webhook

SOON = httpx.Timeout(0.3)  # seconds: tests do not wait longer for an answer that never comes
TOKEN = "x" * 30 + "-the-token-of-a-webhook-that-nobody-may-see"
CHANNELS = ("paper", "live", "backtest", "alerts", "heartbeat", "c2")


def busy(seconds: float, *, header: bool = True) -> tuple[int, dict[str, Any], dict[str, str]]:
    """429 as Discord says it: the body has fractions, the header whole seconds."""
    body = {"message": "You are being rate limited.", "retry_after": seconds, "global": False}
    return 429, body, {"Retry-After": str(int(seconds) + 1)} if header else {}


class Discord:
    """Every webhook of a made-up server. An answer is a status, or (status, body, headers), or STALL."""

    STALL = "stall"

    def __init__(self) -> None:
        self.answers: dict[str, list[Any]] = {}
        self.received: list[tuple[str, str, dict[str, Any]]] = []
        self.log = io.StringIO()  # for the lines of a desk that has no webhook
        self.over = threading.Event()
        discord = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                path, _, query = self.path.partition("?")
                status, answer, headers = discord.answer(path.split("/")[-2], query, body)
                text = json.dumps(answer).encode()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(text))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients that left
        self.thread = threading.Thread(target=self.server.serve_forever, args=[0.01])
        self.thread.start()

    def url(self, channel: str) -> str:
        """The webhook of a channel."""
        return f"http://127.0.0.1:{self.server.server_port}/api/webhooks/{channel}/{TOKEN}"

    @property
    def env(self) -> dict[str, str]:
        """The environment of a desk that tells everything here."""
        return {f"DISCORD_WEBHOOK_{name.upper()}": self.url(name) for name in CHANNELS}

    def faults(self, channel: str, *answers: Any) -> None:
        """Answer the next posts to a channel so."""
        self.answers[channel] = list(answers)

    def answer(self, channel: str, query: str, body: dict[str, Any]) -> Any:
        """Keep a post; give status, body and headers."""
        self.received.append((channel, query, body))
        queued = self.answers.get(channel)
        fault = queued.pop(0) if queued else 200
        if fault == self.STALL:
            self.over.wait(10)
        if isinstance(fault, tuple):
            return fault
        number = len(self.received)
        return fault if isinstance(fault, int) else 200, {"id": f"{number:018}"}, {}

    def posts(self, channel: str) -> list[dict[str, Any]]:
        """What was posted to a channel."""
        return [body for name, _, body in self.received if name == channel]

    def titles(self, channel: str) -> list[str]:
        """The titles of what was posted to a channel."""
        return [body["embeds"][0]["title"] for body in self.posts(channel)]

    def webhook(self, channel: str) -> Webhook:
        """A webhook that does not wait for long."""
        return Webhook(self.url(channel), SOON)

    def __enter__(self) -> Discord:
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
