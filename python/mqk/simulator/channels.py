"""The two kinds of stream: the websocket /stream, and server-sent events."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from aiohttp import WSMsgType, web

from mqk.simulator.book import Book
from mqk.simulator.ledger import Record
from mqk.simulator.rules import INVALID, Refusal
from mqk.simulator.streams import Hub, Listener
from mqk.simulator.wire import derive_ulid, number, plain, read_json, read_time, write_json

HEARTBEAT = 10  # seconds of silence after which an event stream gets a comment
Keys = tuple[str, str]


def is_authorized(keys: Keys, key_id: object, secret: object) -> bool:
    """Whether a key pair is ours; compared in constant time."""
    given = (str(key_id or "").encode(), str(secret or "").encode())
    same = [hmac.compare_digest(a.encode(), b) for a, b in zip(keys, given, strict=True)]
    return all(same)


class Socket:
    """One websocket: authenticate, then listen; messages go out as binary frames of JSON."""

    def __init__(self, book: Book, hub: Hub, keys: Keys) -> None:
        self.book, self.hub, self.keys = book, hub, keys
        self.socket = web.WebSocketResponse(autoping=False)
        self.listener = Listener("ws")
        self.authorized = False

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Run one connection until it ends."""
        await self.socket.prepare(request)
        transport = request.transport  # None, once it is closed
        self.hub.connects += 1
        self.hub.connections.add(transport)
        sender = asyncio.create_task(self._send_events())
        try:
            async for message in self.socket:
                await self._receive(message)
        finally:
            sender.cancel()
            self._listen(False)
            self.hub.connections.discard(transport)
        return self.socket

    async def _receive(self, message: Any) -> None:
        if self.hub.frozen:
            return
        if message.type == WSMsgType.PING:
            await self.socket.pong(message.data)
        if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
            return
        try:
            told = read_json(message.data)
        except ValueError:
            return
        data = told.get("data") or {} if isinstance(told, dict) else {}
        if isinstance(data, dict):
            await self._obey(told, data)

    async def _obey(self, told: Record, data: Record) -> None:
        action = told.get("action")
        if action in ("authenticate", "auth"):
            await self._authenticate(
                data.get("key_id", told.get("key")), data.get("secret_key", told.get("secret"))
            )
        elif action == "listen" and not self.authorized:
            await self._say("authorization", status="unauthorized", action="listen")
        elif action == "listen":
            streams = [s for s in data.get("streams") or [] if s == "trade_updates"]
            await self._say("listening", streams=streams)
            self._listen(bool(streams))

    async def _authenticate(self, key_id: object, secret: object) -> None:
        self.authorized = is_authorized(self.keys, key_id, secret) and not self.hub.refusing
        limit = self.book.settings["connections"]
        if self.authorized and limit and len(self.hub.connections) > limit:
            await self._say("error", code=406, error="connection limit exceeded")
            await self.socket.close()
            return
        status = "authorized" if self.authorized else "unauthorized"
        await self._say("authorization", status=status, action="authenticate")

    def _listen(self, wants: bool) -> None:
        there = self.listener in self.hub.listeners
        if wants and not there:
            self.hub.listeners.append(self.listener)
        elif there and not wants:
            self.hub.listeners.remove(self.listener)

    async def _say(self, stream: str, **data: Any) -> None:
        await self.socket.send_bytes(write_json({"stream": stream, "data": data}).encode())

    async def _send_events(self) -> None:
        with suppress(ConnectionError):
            while True:
                event = await self.listener.queue.get()
                if isinstance(event, dict) and not self.hub.frozen:
                    data = {k: v for k, v in event.items() if k not in ("event_id", "at")}
                    await self._say("trade_updates", **data)


class EventStream:
    """One stream of server-sent events with a cursor: since_id, until_id, since, until."""

    def __init__(self, book: Book, hub: Hub, shape: Callable[[Record], Record | None]) -> None:
        self.book, self.hub, self.shape = book, hub, shape

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Send what the cursor asks for, then what happens; a bounded query ends with its bound."""
        first, last = read_cursor(request.query)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        listener, transport = Listener("sse"), request.transport
        self.hub.listeners += [listener] if last is None else []
        self.hub.connections.add(transport)
        try:
            with suppress(ConnectionError):  # the client has gone
                for event in list(self.book.events) if first is not None else []:
                    if first < event["event_id"] and (last is None or event["event_id"] <= last):
                        await self._send(response, event)
                if last is None:
                    self.hub.connects += 1
                    await self._follow(response, listener)
        finally:
            self.hub.connections.discard(transport)
            if listener in self.hub.listeners:
                self.hub.listeners.remove(listener)
        return response

    async def _follow(self, response: web.StreamResponse, listener: Listener) -> None:
        while True:
            try:
                item = await asyncio.wait_for(listener.queue.get(), HEARTBEAT)
            except TimeoutError:
                item = ":heartbeat"
            if not self.hub.frozen:
                await self._send(response, item)

    async def _send(self, response: web.StreamResponse, item: Any) -> None:
        if isinstance(item, str):
            await response.write(f"{item}\n\n".encode())
        elif (shown := self.shape(item)) is not None:
            await response.write(f"data: {write_json(shown)}\n\n".encode())


def read_cursor(query: Any) -> tuple[str | None, str | None]:
    """The exclusive first and the inclusive last event id of a query. Raises Refusal 422."""
    if query.get("since_id") and query.get("since"):
        raise Refusal(422, INVALID, "give since or since_id")
    for bound in ("", "_id"):
        if query.get(f"until{bound}") and not query.get(f"since{bound}"):
            raise Refusal(422, INVALID, f"until{bound} needs since{bound}")
    try:
        since, until = (read_time(query[k]) if query.get(k) else None for k in ("since", "until"))
    except ValueError:
        raise Refusal(422, INVALID, "since and until are times") from None
    first = derive_ulid(since, 0) if since else query.get("since_id")
    return first, derive_ulid(until, (1 << 80) - 1) if until else query.get("until_id")


def show_trade(event: Record) -> Record | None:
    """An event as /v2/events/trades shows it."""
    return event


def show_activity(event: Record) -> Record | None:
    """A fill, bust or correction as /v2beta1/events/activities shows it; other events are not there."""
    kinds = {"fill": "fill", "partial_fill": "fill"}
    kind = kinds.get(event["event"], event["event"])
    order = event.get("order", {})
    if kind not in ("fill", "trade_bust", "trade_correct") or not order.get("asset_id"):
        return None
    left = number(order["qty"]) - number(order["filled_qty"])
    keys = ("client_order_id", "side", "symbol", "asset_id")
    shown = {
        "activity_type": "TRD", "event_id": event["event_id"], "at": event["at"],
        "executed_at": event["timestamp"], "settle_date": event["at"][:10], "currency": "USD",
        "status": "executed", "ref_id": event["execution_id"],
        "details": {
            "order_id": order["id"], "cum_qty": order["filled_qty"], "leaves_qty": plain(left),
            "order_status": order["status"], "execution_type": kind,
            **{key: order[key] for key in keys},
        },
    }  # fmt: skip
    if event.get("previous_execution_id"):
        shown["previous_id"] = event["previous_execution_id"]
    return shown | {key: event[key] for key in ("price", "qty") if key in event}
