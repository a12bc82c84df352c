"""A broker a test; each answer and each frame is held against Alpaca's own specification, if it is here."""

from __future__ import annotations

import asyncio
import json
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_schema_validator import OAS30Validator, oas30_format_checker
from websockets.sync.client import ClientConnection, connect

from mqk.simulator import open_simulator
from mqk.simulator.server import HOST, listen
from simulator_kit import KEYS, Broker
from support import ROOT

SHARED = Path(os.environ.get("MQK_SHARED", ROOT.parent / "shared"))
ALPACA = SHARED / "oracles" / "alpaca"
KEY_ID, SECRET = KEYS
SPEC = ALPACA / "alpaca-trading-sim.json"


@cache
def spec() -> dict[str, Any]:
    """Alpaca's OpenAPI document as corrected for what it gets wrong about itself."""
    return dict(json.loads(SPEC.read_text()))


def validate(schema: dict[str, Any], value: Any) -> None:
    """Raise if a value is not what a schema of the specification says."""
    whole = {**schema, "components": spec()["components"]}
    OAS30Validator(whole, format_checker=oas30_format_checker).validate(value)


def validate_answer(method: str, path: str, answer: httpx.Response) -> bool:
    """Hold one answer against the specification; gives whether it knows the call."""
    for template, calls in spec()["paths"].items():
        if not re.fullmatch(re.sub(r"\{\w+\}", "[^/:]+", template), path):
            continue
        if method.lower() in calls:
            told = calls[method.lower()]["responses"][str(answer.status_code)]
            schema = (told.get("content") or {}).get("application/json", {}).get("schema")
            if schema:
                validate(schema, answer.json())
            return True
    return False


def validate_frame(frame: dict[str, Any]) -> None:
    """Hold one message of the trade_updates stream against its schema."""
    validate(json.loads((ALPACA / "trade-updates.schema.json").read_text()), frame)


class CheckedBroker(Broker):
    """A broker whose every answer is held against the specification."""

    checked = 0

    def api(self, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        wild = options.pop("wild", False)  # a fault: the answer is meant to be wrong
        answer = super().api(method, path, body, **options)
        if SPEC.is_file() and not wild:
            self.checked += validate_answer(method, path.split("?")[0], answer)
        return answer

    def order(self, **fields: Any) -> dict[str, Any]:
        """Submit a market order of 10 KO, or what the fields say; it must be taken."""
        answer = self.api("POST", "/v2/orders", order(**fields))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def find(self, name: str) -> dict[str, Any]:
        """An order by its client_order_id."""
        answer = self.api("GET", f"/v2/orders:by_client_order_id?client_order_id={name}")
        return dict(answer.json())


def order(**fields: Any) -> dict[str, Any]:
    """The body of a market order for 10 KO named `a`."""
    body = {"symbol": "KO", "side": "buy", "type": "market", "time_in_force": "day", "qty": "10"}
    return body | {"client_order_id": "a"} | fields


def limit(price: str, **fields: Any) -> dict[str, Any]:
    """The fields of a limit order."""
    return {"type": "limit", "limit_price": price, **fields}


class Stream:
    """A client of /stream that reads binary frames; each is held against the schema."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def say(self, action: str, **data: Any) -> dict[str, Any]:
        """Send one action and read the answer."""
        self.socket.send(json.dumps({"action": action, "data": data}))
        return dict(json.loads(self.socket.recv(5)))

    def listen(self) -> Stream:
        """Authenticate and listen."""
        keys = {"key_id": KEYS["APCA_API_KEY_ID"], "secret_key": KEYS["APCA_API_SECRET_KEY"]}
        assert self.say("authenticate", **keys)["data"]["status"] == "authorized"
        assert self.say("listen", streams=["trade_updates"])["stream"] == "listening"
        return self

    def read(self, count: int, *, wild: bool = False) -> list[dict[str, Any]]:
        """The next `count` trade updates."""
        found = []
        for _ in range(count):
            frame = self.socket.recv(5)
            assert isinstance(frame, bytes)
            message = json.loads(frame)
            if SPEC.is_file() and not wild:
                validate_frame(message)
            found.append(message["data"])
        return found

    def names(self, count: int, *, wild: bool = False) -> list[str]:
        """The event names of the next `count` trade updates."""
        return [data["event"] for data in self.read(count, wild=wild)]

    def is_silent(self, seconds: float = 0.2) -> bool:
        """Whether nothing comes for a while."""
        try:
            self.socket.recv(seconds)
        except TimeoutError:
            return True
        return False


@contextmanager
def open_stream(broker: Broker, path: str = "") -> Iterator[Stream]:
    """A connection to the websocket, not yet authenticated."""
    with connect(broker.stream_url + path, close_timeout=0.2) as socket:
        yield Stream(socket)


class BrokerInThread(CheckedBroker):
    """The same, in a thread of this process: no second to wait for a process."""

    def start(self, port: int = 0) -> None:
        simulator = open_simulator(self.ledger, (KEYS[KEY_ID], KEYS[SECRET]))
        listens, self.ended = threading.Event(), asyncio.Event()

        def announce(bound: int) -> None:
            self.url, self.stream_url = f"http://{HOST}:{bound}", f"ws://{HOST}:{bound}/stream"
            self.loop = asyncio.get_running_loop()
            listens.set()

        self.thread = threading.Thread(
            target=lambda: asyncio.run(listen(simulator, port, announce, self.ended))
        )
        self.thread.start()
        assert listens.wait(10)

    def stop(self) -> int:
        self.loop.call_soon_threadsafe(self.ended.set)
        self.thread.join(10)
        return int(self.thread.is_alive())


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[CheckedBroker]:
    """A simulator of its own; KO stands at 62.50."""
    with BrokerInThread(tmp_path / "ledger.jsonl") as made:
        made.control("quote", symbol="KO", price="62.50")
        yield made


@pytest.fixture
def process(tmp_path: Path) -> Iterator[CheckedBroker]:
    """The same in a process of its own, which can be killed."""
    with CheckedBroker(tmp_path / "ledger.jsonl") as made:
        made.control("quote", symbol="KO", price="62.50")
        yield made


@pytest.fixture
def stream(broker: CheckedBroker) -> Iterator[Stream]:
    """A stream that listens."""
    with open_stream(broker) as made:
        yield made.listen()
