"""Alpaca as tests need it: its documents, an HTTP side that answers as told, a clock that stands."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from mqk.brokers import NotSent
from mqk.brokers.alpaca import AlpacaBroker
from mqk.brokers.alpaca.events import Events
from mqk.brokers.alpaca.keys import Keys
from mqk.brokers.alpaca.rest import Rest
from mqk.brokers.alpaca.sweep import sweep
from mqk.clock import VirtualClock
from support import ROOT

KEY, SECRET = "PKTESTKEY0000000000", "s3cr3t-of-the-test-0123456789abcdef"
KEYS = Keys(SecretStr(KEY), SecretStr(SECRET))
ACCOUNT = "PA3TEST00001"
NOW = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
SINCE = NOW - timedelta(hours=2)
SHARED = Path(os.environ.get("MQK_SHARED", ROOT.parent / "shared"))
ORACLES = SHARED / "oracles" / "alpaca"
Answer = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


def account(**fields: Any) -> dict[str, Any]:
    """The account document."""
    return {
        "id": "4261fb4e-e564-5a23-bc97-88db50c7ae11",
        "account_number": ACCOUNT,
        "cash": "99999.97",
        "status": "ACTIVE",
        "account_blocked": False,
        "new_key_of_tomorrow": {"x": [1]},
        **fields,
    }


def order(**fields: Any) -> dict[str, Any]:
    """An order document: buy 10 KO at 62.50."""
    return {
        "id": "d105718f-fcd6-5bcc-a9eb-3e1b29e70bc9",
        "client_order_id": "mqk-1",
        "created_at": "2026-11-02T15:00:00.094153596Z",
        "submitted_at": "2026-11-02T15:00:00.094153596Z",
        "symbol": "KO",
        "side": "buy",
        "qty": "10",
        "filled_qty": "0",
        "type": "limit",
        "limit_price": "62.50",
        "stop_price": None,
        "time_in_force": "day",
        "status": "pending_new",
        "replaces": None,
        "replaced_by": None,
        "source": None,
        **fields,
    }


def permit(**fields: Any) -> dict[str, Any]:
    """A permit of io.get_permit for the same order."""
    return {
        "client_order_id": "mqk-1",
        "account_id": ACCOUNT,
        "symbol": "KO",
        "order_qty": 10,
        "order_type": "LIMIT",
        "limit_price_micros": 62_500_000,
        "time_in_force": "DAY",
        **fields,
    }


def fill_row(number: int = 1, **fields: Any) -> dict[str, Any]:
    """A row of the account's fills."""
    return {
        "id": f"20261102100000000::c91757bd-838f-5c94-80f0-{number:012}",
        "activity_type": "FILL",
        "order_id": "d105718f-fcd6-5bcc-a9eb-3e1b29e70bc9",
        "type": "partial_fill",
        "price": "62.49",
        "qty": "1",
        "cum_qty": str(number),
        "leaves_qty": "9",
        "side": "buy",
        "symbol": "KO",
        "transaction_time": "2026-11-02T15:05:00.000001Z",
        **fields,
    }


def trade_update(event: str = "new", **fields: Any) -> dict[str, Any]:
    """The body of a frame."""
    fields.setdefault("order", order(status=event))
    return {
        "event": event,
        "execution_id": "c9db2775-0993-55dc-ad54-f15daaf07e68",
        "timestamp": "2026-11-02T15:00:01.000000000Z",
        **fields,
    }


def said(status: int, body: Any = None, **headers: str) -> httpx.Response:
    """An answer with a JSON body, or with the text or bytes given."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if isinstance(body, str | bytes):
        return httpx.Response(status, content=body, headers=named)
    return httpx.Response(status, json=body, headers=named)


class FakeBudget:
    """Grants everything until told otherwise, and remembers."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.reports: list[tuple[int, int, datetime]] = []
        self.refuse: set[str] = set()

    def take(self, purpose: str) -> None:
        """Count one request."""
        if purpose in self.refuse:
            raise NotSent("the request budget is spent", NOW + timedelta(seconds=7))
        self.taken.append(purpose)

    def report(self, limit: int, remaining: int, reset_at: datetime) -> None:
        """Keep a report."""
        self.reports.append((limit, remaining, reset_at))


class FakeAlpaca:
    """Answers by `METHOD path`, in the order given; the last answer stays. Keeps every request."""

    def __init__(self, **answers: Any) -> None:
        self.requests: list[httpx.Request] = []
        self.answers: dict[str, list[Answer]] = {"GET /v2/account": [said(200, account())]}
        self.clock = VirtualClock(NOW)
        self.budget = FakeBudget()
        self.pauses: list[float] = []
        self.rest = Rest(
            "https://paper-api.alpaca.markets",
            KEYS,
            self.budget,
            self.clock,
            jitter=lambda: 0.5,
            pause=self.pauses.append,
            transport=httpx.MockTransport(self._answer),
        )
        self.events = Events(lambda a, u: sweep(self.rest, a, u), self.clock, SINCE, patience=0.0)
        self.broker = AlpacaBroker(self.rest, ACCOUNT, self.clock, SINCE, self.events)

    def on(self, what: str, *answers: Answer) -> FakeAlpaca:
        """Answer `METHOD path` so."""
        self.answers[what] = list(answers)
        return self

    def count(self, method: str) -> int:
        """How many requests of a method arrived."""
        return sum(request.method == method for request in self.requests)

    def body(self, number: int = -1) -> dict[str, Any]:
        """The JSON that a request carried."""
        return dict(json.loads(self.requests[number].content))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answers = self.answers.get(f"{request.method} {request.url.path}")
        if answers is None:
            return said(404, {"code": 40410000, "message": "not found"})
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):
            copy = httpx.Response(answer.status_code, content=answer.content)
            copy.headers.update(answer.headers)
            return copy
        return answer(request)
