"""How each fault is carried out around a call. None as an answer: the connection is cut."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace

from mqk.simulator.faults import Fault
from mqk.simulator.rest import Answer, Call, Rest
from mqk.simulator.rules import Refusal, leaves
from mqk.simulator.wire import number, plain, write_json

Commit = Callable[[], None]
HANG_MS = 600_000
PAGE = "<html><body><h1>{} from the gateway</h1></body></html>"
HTML = {"Content-Type": "text/html"}


async def inject(fault: Fault | None, call: Call, rest: Rest, commit: Commit) -> Answer | None:
    """Serve a call with a fault around it; `commit` puts what was served on disk."""
    name = fault.name if fault else ""
    if fault is None or name in ("events_first", "slow", "hang_after"):
        answer = rest.serve(call)
        commit()
        if fault and name != "events_first":
            default = 1000 if name == "slow" else HANG_MS
            await asyncio.sleep(fault.options.get("delay_ms", default) / 1000)
        return None if name == "hang_after" else answer
    if name == "accept_late":
        await asyncio.sleep(fault.options.get("delay_ms", 1000) / 1000)
        return rest.serve(call)
    if name in UNSERVED:
        return UNSERVED[name](fault)
    if name in PREPARED:
        PREPARED[name](fault, call, rest)
        return rest.serve(call)
    answer = rest.serve(replace(call, how=name))
    return SPOILED[name](fault, answer) if name in SPOILED else answer


def _error(fault: Fault, default: int) -> Answer:
    status = fault.options.get("status", default)
    return Answer(status, PAGE.format(status), HTML)


def _refuse(fault: Fault) -> Answer:
    no = fault.refusal()
    return Answer(no.status, no.body)


def _rate_limit(fault: Fault) -> Answer:
    reset = fault.options.get("reset_s", 60)
    headers = {"X-RateLimit-Remaining": "0", "reset_s": "" if reset is None else str(reset)}
    return Answer(429, {"message": "too many requests."}, headers)


UNSERVED: dict[str, Callable[[Fault], Answer | None]] = {
    "drop_before": lambda fault: None,
    "error_before": lambda fault: _error(fault, 500),
    "refuse": _refuse,
    "rate_limit": _rate_limit,
    "unauthorized": lambda fault: Answer(401, {"message": "unauthorized."}),
    "page_lost": lambda fault: Answer(200, []),
    "stale": lambda fault: Answer(200, fault.options["answer"]),
}


def _fill_first(fault: Fault, call: Call, rest: Rest) -> None:
    """Fill the order that the path names: what is left, or `qty`, at `price` or the quote."""
    order = rest.find_order(call.path.rsplit("/", 1)[-1])
    price = fault.options.get("price") or rest.book.price(order["symbol"]) or order["limit_price"]
    qty = fault.options.get("qty") or plain(leaves(order))
    rest.venue.fill(order["id"], number(qty), number(price))


def _collide(fault: Fault, call: Call, rest: Rest) -> None:
    """Take another order first, one share more, under the same client_order_id."""
    body = call.read()
    try:
        rest.venue.submit({**body, "qty": plain(number(body["qty"]) + 1)}, origin="control")
    except (Refusal, KeyError, ValueError):
        return


PREPARED: dict[str, Callable[[Fault, Call, Rest], None]] = {
    "fill_wins": _fill_first,
    "collision": _collide,
}


def _truncated(fault: Fault, answer: Answer) -> Answer:
    text = write_json(answer.body)
    return Answer(answer.status, text[: len(text) // 2], {"Content-Type": "application/json"})


def _wrong_id(fault: Fault, answer: Answer) -> Answer:
    other = fault.options.get("told_id", "somebody-elses-order")
    return Answer(answer.status, {**answer.body, "client_order_id": other})


def _duplicate(fault: Fault, answer: Answer) -> Answer:
    return Answer(422, {"code": 40010001, "message": "client_order_id must be unique"})


AMOUNT = re.compile(r'("\w*(?:qty|price|value|cash|equity|power)"):"(-?[0-9.]+)"')


def _odd_json(fault: Fault, answer: Answer) -> Answer:
    """Texts that are numbers as JSON numbers, submitted_at null, and a key that nobody knows."""
    text = AMOUNT.sub(r"\1:\2", write_json(answer.body))
    text = re.sub(r'"submitted_at":"[^"]+"', '"submitted_at":null', text)
    text = text.replace('{"', '{"x_unknown_key":{"nested":[1,null]},"', 1)
    return Answer(answer.status, text, {"Content-Type": "application/json"})


SPOILED: dict[str, Callable[[Fault, Answer], Answer | None]] = {
    "drop_after": lambda fault, answer: None,
    "error_after": lambda fault, answer: _error(fault, 504),
    "html": lambda fault, answer: Answer(200, PAGE.format(200), HTML),
    "truncated": _truncated,
    "wrong_id": _wrong_id,
    "duplicate": _duplicate,
    "odd_json": _odd_json,
}
