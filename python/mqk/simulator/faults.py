"""The fault queue: what shall go wrong with the next requests of a method and path."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from mqk.simulator.rest import Call
from mqk.simulator.rules import Refusal

# name -> what happens (the rows of the fault table are in docs/simulator.md)
FAULTS = {
    "slow": "served, answered after delay_ms",
    "hang_after": "served, never answered: the connection stays open",
    "accept_late": "served only after delay_ms, whether the client still waits or not",
    "drop_before": "not served, connection reset",
    "drop_after": "served, connection reset instead of an answer",
    "error_before": "not served, answered with status (500) and an HTML page",
    "error_after": "served, answered with status (504) and an HTML page",
    "html": "served, answered 200 with an HTML page",
    "truncated": "served, answered with half of the JSON",
    "wrong_id": "served, answered with another client_order_id",
    "odd_json": "served, answered with numbers for texts, nulls and unknown keys",
    "duplicate": "served, answered 422 as if an earlier attempt had been taken",
    "collision": "another order is taken under this client_order_id, answered 422 duplicate",
    "refuse": "not served, refused for a reason (or with status, code and message)",
    "rate_limit": "not served, answered 429, with X-RateLimit-Reset unless reset_s is null",
    "unauthorized": "not served, answered 401 without a code",
    "events_first": "served, the stream hears of it before the answer goes out",
    "fill_wins": "the order is filled at the quote or at price before the call is served",
    "cancel_waits": "the cancel is accepted and stays pending_cancel",
    "cancel_rejected": "the cancel is accepted, then order_cancel_rejected",
    "replace_rejected": "the replace is accepted, then order_replace_rejected",
    "page_lost": "answered with an empty page, as if the page_token had vanished",
    "stale": "answered as at the time the fault was queued",
}
REFUSALS: dict[str, tuple[int, int | None, str]] = {
    "insufficient_qty": (
        403, 40310000, "insufficient qty available for order (requested: 1, available: 0)",
    ),
    "buying_power": (403, 40310000, "insufficient buying power"),
    "wash_trade": (403, 40310000, "potential wash trade detected. use complex orders"),
    "not_fractionable": (403, 40310000, 'asset "OCGN" is not fractionable'),
    "pattern_day_trader": (
        403, 40310100, "trade denied due to pattern day trading protection",
    ),
    "sub_penny": (
        422, 42210000,
        "invalid limit_price 1.001. sub-penny increment does not fulfill minimum pricing criteria",
    ),
    "invalid": (422, 40010001, "invalid parameter"),
}  # fmt: skip


@dataclass
class Fault:
    """One entry: `times` more requests of `method` and `path` (a pattern with *) meet it."""

    name: str
    method: str = "POST"
    path: str = "/v2/orders"
    times: int = 1
    client_order_id: str | None = None
    options: dict[str, Any] = field(default_factory=dict)

    def matches(self, call: Call) -> bool:
        """Whether a call meets this fault."""
        if self.method not in ("*", call.method) or not fnmatchcase(call.path, self.path):
            return False
        return self.client_order_id is None or f'"{self.client_order_id}"' in call.body

    def refusal(self) -> Refusal:
        """The refusal that `reason`, or status, code and message, describe."""
        status, code, message = REFUSALS[self.options.get("reason", "buying_power")]
        told = self.options
        return Refusal(
            told.get("status", status), told.get("code", code), told.get("message", message)
        )

    def describe(self) -> dict[str, Any]:
        """The entry as it was given, with what is left of `times`."""
        shown = {"fault": self.name, "method": self.method, "path": self.path, "times": self.times}
        return shown | self.options


class Faults:
    """First in, first met."""

    def __init__(self) -> None:
        self.queue: list[Fault] = []

    def take(self, call: Call) -> Fault | None:
        """The first fault that a call meets; it is met once less from now on."""
        for fault in self.queue:
            if fault.matches(call):
                fault.times -= 1
                self.queue = [left for left in self.queue if left.times > 0]
                return fault
        return None


def read_fault(entry: dict[str, Any]) -> Fault:
    """One entry as it was sent. Raises Refusal 400 for an unknown fault, reason or a bad `times`."""
    told = dict(entry)
    name, times = told.pop("fault", None), told.pop("times", 1)
    if name not in FAULTS:
        raise Refusal(400, None, f"unknown fault {name!r}; known: {', '.join(FAULTS)}")
    if type(times) is not int or times < 1:
        raise Refusal(400, None, "times must be 1 or more")
    if told.get("reason", "invalid") not in REFUSALS:
        raise Refusal(400, None, f"unknown reason; known: {', '.join(REFUSALS)}")
    keys = ("method", "path", "client_order_id")
    where = {key: told.pop(key) for key in keys if key in told}
    return Fault(name, times=times, options=told, **where)
