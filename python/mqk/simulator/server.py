"""One port for everything: REST, the websocket, the event streams, and the control plane on 127.0.0.1.

The order of one call: the request goes into the ledger, then it is served (with a fault, if one waits),
then what it did goes into the ledger, then the answer goes out, then the streams hear of it.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress

from aiohttp import web

from mqk.simulator.channels import (
    EventStream,
    Keys,
    Socket,
    is_authorized,
    show_activity,
    show_trade,
)  # fmt: skip
from mqk.simulator.control import Control
from mqk.simulator.faults import Faults
from mqk.simulator.inject import inject
from mqk.simulator.ledger import Record
from mqk.simulator.rest import Answer, Call, Rest
from mqk.simulator.rules import Refusal
from mqk.simulator.streams import Hub
from mqk.simulator.venue import Venue
from mqk.simulator.wire import derive_id, write_json

HOST = "127.0.0.1"
STREAMS = {"/v2/events/trades": show_trade, "/v2beta1/events/activities": show_activity}


class Simulator:
    """A venue with its doors."""

    def __init__(self, venue: Venue, keys: Keys) -> None:
        self.venue, self.book, self.keys = venue, venue.book, keys
        self.rest, self.faults, self.hub = Rest(venue), Faults(), Hub()
        self.control = Control(venue, self.rest, self.faults, self.hub)
        self.minute, self.calls = 0, 0

    def application(self) -> web.Application:
        """The aiohttp application."""
        app = web.Application(client_max_size=1 << 20)
        for path in ("/stream", "/stream/"):
            app.router.add_get(path, self.serve_socket)
        app.router.add_route("*", "/_sim/{word}", self.serve_control)
        app.router.add_route("*", "/{tail:.*}", self.serve_call)
        return app

    async def serve_socket(self, request: web.Request) -> web.StreamResponse:
        """GET /stream: authenticates inside."""
        self.book.put("request", method="GET", path="/stream", query="", client_order_id=None)
        self.commit()
        return await Socket(self.book, self.hub, self.keys).serve(request)

    async def serve_control(self, request: web.Request) -> web.StreamResponse:
        """The control plane, for this machine only."""
        call = await read_call(request)
        if request.remote != HOST:
            return self._respond(Answer(403, {"message": "control is for 127.0.0.1 only"}), 0)
        self.catch_up()
        try:
            answer = self.control.serve(call, request.match_info["word"])
        except Refusal as no:
            answer = Answer(no.status, no.body)
        except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
            answer = Answer(400, {"message": f"{type(error).__name__}: {error}"})
        self.commit()
        self.flush()
        return self._respond(answer, 0)

    async def serve_call(self, request: web.Request) -> web.StreamResponse:
        """Everything else: receive, serve, answer, tell."""
        call = await read_call(request)
        number = self._receive(call, request.query_string)
        try:
            if call.method == "GET" and call.path in STREAMS and self._authorized(request):
                return await self._serve_stream(request)
            answer = await self._answer(call, request)
        except Refusal as no:
            answer = Answer(no.status, no.body)
        except Exception:
            traceback.print_exc(file=sys.stderr)
            answer = Answer(500, {"code": 50010000, "message": "internal server error"})
        status = answer.status if answer else None
        self.book.put("answer", request=number, status=status)
        self.commit()
        return await self._send(request, answer, number)

    async def _serve_stream(self, request: web.Request) -> web.StreamResponse:
        return await EventStream(self.book, self.hub, STREAMS[request.path]).serve(request)

    async def _answer(self, call: Call, request: web.Request) -> Answer | None:
        if not self._authorized(request):
            return Answer(401, {"message": "unauthorized."})
        settings = self.book.settings
        if settings["enforced"] and self.calls > settings["per_minute"]:
            return Answer(429, {"message": "too many requests."})
        fault = self.faults.take(call)
        if fault:
            self.book.put("fault", **fault.describe())
        answer = await inject(fault, call, self.rest, self.commit)
        if fault and fault.name == "events_first":
            self.commit()
            self.flush()
            await asyncio.sleep(fault.options.get("delay_ms", 50) / 1000)
        return answer

    def _authorized(self, request: web.Request) -> bool:
        names = ("APCA-API-KEY-ID", "APCA-API-SECRET-KEY")
        key_id, secret = (request.headers.get(name) for name in names)
        return is_authorized(self.keys, key_id, secret)

    def _receive(self, call: Call, query: str) -> int:
        """Put the request on disk before anything is done; gives its number."""
        self.catch_up()
        names = {"client_order_id": named_in(call)}
        record = self.book.put(
            "request", method=call.method, path=call.path, query=query, body=call.body, **names
        )
        self.commit()
        minute = int(self.book.at.timestamp()) // 60
        self.calls = self.calls + 1 if minute == self.minute else 1
        self.minute = minute
        return int(record["n"])

    async def _send(
        self, request: web.Request, answer: Answer | None, number: int
    ) -> web.StreamResponse:
        if answer is None:
            if request.transport:
                request.transport.abort()
            self.flush()
            return web.Response()
        response = self._respond(answer, number)
        with suppress(ConnectionError):  # the client did not wait
            await response.prepare(request)
            await response.write_eof()
        self.flush()
        return response

    def _respond(self, answer: Answer, number: int) -> web.Response:
        headers = {"Content-Type": "application/json"} | answer.headers
        reset = headers.pop("reset_s", str(60 - int(self.book.at.timestamp()) % 60))
        left = max(self.book.settings["per_minute"] - self.calls, 0)
        headers.setdefault("X-RateLimit-Remaining", str(left))
        headers["X-RateLimit-Limit"] = str(self.book.settings["per_minute"])
        headers["X-Request-ID"] = derive_id("request", self.book.opening["seed"], number)
        if reset:
            headers["X-RateLimit-Reset"] = str(int(self.book.at.timestamp()) + int(reset))
        if answer.body is None:
            headers.pop("Content-Type")
            return web.Response(status=answer.status, headers=headers)
        text = answer.body if isinstance(answer.body, str) else write_json(answer.body)
        return web.Response(status=answer.status, headers=headers, body=text.encode())

    def catch_up(self) -> None:
        """Let opens and closes have their effect up to now."""
        self.venue.pass_time(self.book.clock() if self.book.clock else self.book.at)

    def commit(self) -> None:
        """What was done is on disk after this."""
        self.book.ledger.commit()

    def flush(self) -> None:
        """Tell the streams what is on disk."""
        events: list[Record] = self.venue.outgoing
        self.venue.outgoing = []
        self.hub.publish(events)


async def read_call(request: web.Request) -> Call:
    """The request without its headers: those hold keys."""
    body = (await request.read()).decode("utf-8", errors="replace")
    return Call(request.method, request.path, dict(request.query), body)


def named_in(call: Call) -> str | None:
    """The client_order_id that a call names in its body or its query."""
    try:
        body = call.read() if call.body else {}
    except Refusal:
        body = {}
    name = body.get("client_order_id") if isinstance(body, dict) else None
    name = name or call.query.get("client_order_id")
    return name if isinstance(name, str) else None


async def run(simulator: Simulator, port: int, announce: Callable[[int], None]) -> None:
    """Listen on 127.0.0.1 until SIGTERM or SIGINT; `announce` gets the port that was bound."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    await listen(simulator, port, announce, ended)


async def listen(
    simulator: Simulator, port: int, announce: Callable[[int], None], ended: asyncio.Event
) -> None:
    """Listen on 127.0.0.1 until `ended` is set; once a second, time has its effect."""
    runner = web.AppRunner(simulator.application(), access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port).start()
        announce(runner.addresses[0][1])
        while not ended.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), 1)
            simulator.catch_up()
            simulator.commit()
            simulator.flush()
    finally:
        simulator.hub.drop()
        await runner.cleanup()
        simulator.book.ledger.close()
