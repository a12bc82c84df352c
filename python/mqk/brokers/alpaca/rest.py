"""REST: reads that may be repeated a little, and changes that are sent once and never again."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from mqk.brokers import NotSent, Refused, Unauthorized, Unsure
from mqk.brokers.alpaca.budget import Budget, Purpose
from mqk.brokers.alpaca.errors import judge_answer, judge_failure, read_number
from mqk.brokers.alpaca.keys import Keys
from mqk.brokers.alpaca.models import Unreadable, parse
from mqk.clock import Clock
from mqk.errors import MqkError
from mqk.log import log

TIMEOUT = httpx.Timeout(connect=3, read=10, write=5, pool=2)  # seconds
TRIES = 3
FIRST_PAUSE = 0.5  # seconds, doubled with each try
LONGEST_PAUSE = 5.0  # seconds; a worker that waits longer than this would miss its heartbeat
NO_NEW_TRY_AFTER = timedelta(seconds=8)

Transport = httpx.BaseTransport | None


class Rest:
    """The HTTP side of one account. `jitter` gives numbers in 0..1, `pause` waits for seconds."""

    def __init__(
        self,
        base_url: str,
        keys: Keys,
        budget: Budget,
        clock: Clock,
        jitter: Callable[[], float],
        pause: Callable[[float], None] = time.sleep,
        transport: Transport = None,
    ) -> None:
        self.keys, self.budget, self.clock = keys, budget, clock
        self.jitter, self.pause = jitter, pause
        # A pooled connection may be dead: what is sent on it would be in doubt for nothing.
        self.once = make_client(base_url, keys, transport, keepalive=0)
        self.reads = make_client(base_url, keys, transport, keepalive=4)

    def close(self) -> None:
        """Close all connections."""
        self.once.close()
        self.reads.close()

    def change(
        self, purpose: Purpose, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> Any:
        """Send a request that changes something, once; give the parsed answer, None without one.

        Raises Refused, NotSent, Unauthorized, Unsure; errors.Duplicate, errors.Absent.
        """
        self.budget.take(purpose)
        answer = self._send(self.once, method, path, json=body)
        if answer.status_code == 204:
            return None
        try:
            return parse(answer.content)
        except Unreadable as error:
            raise Unsure(f"{answer.status_code}, but {error}") from None

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """Read something; give the parsed answer.

        Raises NotSent, Unauthorized, Unsure; errors.Absent.
        """
        began = self.clock()
        for left in reversed(range(TRIES)):
            try:
                self.budget.take("READ")
                answer = self._send(self.reads, "GET", path, params=params)
                return parse(answer.content)
            except Unauthorized:
                raise
            except Refused as no:
                raise Unsure(str(no)) from None
            except (NotSent, Unsure, Unreadable) as failure:
                wait = self._find_wait(failure, TRIES - left - 1)
                too_late = self.clock() - began > NO_NEW_TRY_AFTER
                if not left or too_late or wait > LONGEST_PAUSE:
                    if isinstance(failure, Unreadable):
                        raise Unsure(f"GET {path}: {failure}") from None
                    raise
                self.pause(wait)
        raise AssertionError

    def _find_wait(self, failure: Exception, tried: int) -> float:
        """Seconds until the next try: what the broker asked for, else twice as long as before."""
        if isinstance(failure, NotSent) and failure.not_before is not None:
            return max(0.0, (failure.not_before - self.clock()).total_seconds())
        return FIRST_PAUSE * float(2**tried) * (0.5 + self.jitter())

    def _send(self, client: httpx.Client, method: str, path: str, **content: Any) -> httpx.Response:
        """One request, one answer, which is a success. No exception shows what was sent."""
        began = time.monotonic()
        try:
            answer = client.request(method, path, **content)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            failure = judge_failure(error)
            log("alpaca", "failed", method=method, path=path, error=str(failure))
            raise failure from None
        except (OSError, RuntimeError, ValueError) as error:
            raise Unsure(f"no answer: {type(error).__name__}") from None
        fault = judge_answer(answer, self.keys, self.clock())
        if fault or method != "GET":
            log(
                "alpaca",
                "answered",
                method=method,
                path=path,
                status=answer.status_code,
                request_id=answer.headers.get("X-Request-ID"),
                ms=round((time.monotonic() - began) * 1000),
            )
        self._report(answer, fault)
        if fault:
            raise fault
        return answer

    def _report(self, answer: httpx.Response, fault: Exception | None) -> None:
        """Tell the budget what is left. A desk that cannot be told must not lose the answer."""
        limit = read_number(answer, "X-RateLimit-Limit")
        remaining = read_number(answer, "X-RateLimit-Remaining")
        reset = read_number(answer, "X-RateLimit-Reset")
        reset_at = None if reset is None else datetime.fromtimestamp(reset, UTC)
        if isinstance(fault, NotSent) and not isinstance(fault, Unauthorized) and fault.not_before:
            remaining, reset_at = 0, fault.not_before - timedelta(seconds=1)
        if remaining is None or reset_at is None:
            return
        try:
            self.budget.report(limit or 0, remaining, reset_at)
        except MqkError as error:
            log("alpaca", "budget not told", error=error.code)


def make_client(
    base_url: str, keys: Keys, transport: Transport = None, *, keepalive: int = 0
) -> httpx.Client:
    """A client that follows no redirect, tries once, and takes nothing from the environment."""
    limits = httpx.Limits(max_connections=10, max_keepalive_connections=keepalive)
    return httpx.Client(
        base_url=base_url,
        auth=keys.sign,
        headers={"Accept": "application/json"},
        timeout=TIMEOUT,
        transport=transport or httpx.HTTPTransport(retries=0, limits=limits, trust_env=False),
        follow_redirects=False,
        trust_env=False,
    )
