"""The websocket: one connection that authorizes, listens to trade updates and knows silence."""

from __future__ import annotations

import json
import logging
from typing import Any, NoReturn

from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from mqk.brokers.alpaca.channel import Drop, KeysRefused, Post
from mqk.brokers.alpaca.keys import Keys
from mqk.brokers.alpaca.models import Unreadable, parse
from mqk.log import log

SILENCE = 20.0  # seconds without a frame before the broker is asked for a sign of life
ANSWER = 10.0  # seconds that it has for one

# The library logs frames, and one of them has the keys.
SILENT = logging.Logger("mqk.alpaca.stream")
SILENT.disabled = True


class TradeStream:
    """A session of the websocket channel. It has no memory: what is missed, a sweep must find."""

    name = "ws"

    def __init__(
        self, url: str, keys: Keys, *, silence: float = SILENCE, answer: float = ANSWER
    ) -> None:
        self.url, self.keys, self.silence, self.answer = url, keys, silence, answer

    def __call__(self, post: Post) -> NoReturn:
        """Listen until the connection ends. Raises Drop, KeysRefused."""
        try:
            with connect(
                self.url,
                open_timeout=self.answer,
                close_timeout=1,
                ping_interval=None,
                max_size=1_000_000,
                proxy=None,
                logger=SILENT,
            ) as socket:
                self._authorize(socket)
                self._listen(socket)
                post("LISTENING", "")
                while True:
                    self._hand_over(self._receive(socket), post)
        except InvalidStatus as no:
            status = no.response.status_code
            if status in (401, 403):
                raise KeysRefused(f"{status} on the stream") from None
            raise Drop(f"{status} on the stream") from None
        except (WebSocketException, OSError) as error:
            raise Drop(type(error).__name__) from None

    def _authorize(self, socket: ClientConnection) -> None:
        socket.send(json.dumps({"action": "authenticate", "data": self.keys.words()}))
        status = self._await_reply(socket, "authorization").get("status")
        if status == "unauthorized":
            raise KeysRefused("unauthorized on the stream")
        if status != "authorized":
            raise Drop("the answer to the keys is neither yes nor no")

    def _listen(self, socket: ClientConnection) -> None:
        streams = {"streams": ["trade_updates"]}
        socket.send(json.dumps({"action": "listen", "data": streams}))
        heard = self._await_reply(socket, "listening").get("streams")
        if not isinstance(heard, list) or "trade_updates" not in heard:
            raise Drop("the broker does not let us listen to trade updates")

    def _await_reply(self, socket: ClientConnection, stream: str) -> dict[str, Any]:
        """The data of the first frame, which must be of this stream and in time."""
        try:
            frame = parse(socket.recv(timeout=self.answer))
        except (TimeoutError, Unreadable):
            raise Drop(f"no {stream} in time") from None
        data = frame.get("data") if isinstance(frame, dict) else None
        if not isinstance(data, dict) or frame.get("stream") != stream:
            raise Drop(f"no {stream}")
        return data

    def _receive(self, socket: ClientConnection) -> str | bytes:
        """The next frame. A quiet broker is asked for a sign of life; silence after that is a Drop."""
        while True:
            try:
                return socket.recv(timeout=self.silence)
            except TimeoutError:
                if not socket.ping().wait(self.answer):
                    raise Drop("silence") from None

    def _hand_over(self, frame: str | bytes, post: Post) -> None:
        """Post a trade update with its stream taken off; tell of anything else."""
        text = frame if isinstance(frame, str) else frame.decode("utf-8", "backslashreplace")
        try:
            value = parse(frame)
        except Unreadable:
            return post("FRAME", text)
        stream = value.get("stream") if isinstance(value, dict) else None
        if stream == "trade_updates":
            return post("FRAME", json.dumps(value.get("data")))
        if stream is None:
            return post("FRAME", text)
        return log("alpaca", "frame of another stream", stream=str(stream)[:40])
