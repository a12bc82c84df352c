"""The outside judge: what a ledger proves, whatever the process that wrote it says of itself.

python -m mqk.simulator.judge FILE      prints the verdict of a ledger as JSON
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from mqk.simulator.book import Book
from mqk.simulator.ledger import Ledger, Record, read_ledger
from mqk.simulator.rules import equity
from mqk.simulator.wire import plain

KEPT = ("execution_id", "previous_execution_id", "order_id", "client_order_id", "symbol", "side",
        "qty", "price", "effect", "at")  # fmt: skip


class _Unwritten(Ledger):
    """A ledger that nothing is added to."""

    def __init__(self, path: Path) -> None:
        self.path = path


def judge(path: Path) -> dict[str, Any]:
    """The verdict of a ledger file; the process that writes it may be running or dead.

    `submits`: client_order_id -> how many POSTs and PATCHes came (`received`), were taken
    (`accepted`), refused, and the ids of the orders. `doubles`: names that were taken more than once.
    Numbers are text. Raises MqkError MQA20 if the file cannot be read.
    """
    book = Book(_Unwritten(path))
    submits: dict[str, dict[str, Any]] = {}
    counts = {"requests": 0, "events": 0, "foreign": 0}
    for record in read_ledger(path):
        book.apply(record)
        _count(submits, counts, record)
    return {
        "account_id": book.opening.get("account_id"),
        "at": book.at.isoformat(),
        "cash": plain(book.cash),
        "equity": plain(equity(book)),
        "positions": {s: plain(h.qty) for s, h in sorted(book.holdings.items()) if h.qty},
        "submits": submits,
        "doubles": sorted(name for name, s in submits.items() if s["accepted"] > 1),
        "executions": [{k: e.get(k) for k in KEPT} for e in book.executions.values()],
        "open_orders": [_short(order) for order in book.open_orders()],
        **counts,
    }


def _count(
    submits: dict[str, dict[str, Any]], counts: dict[str, int], record: Record
) -> None:  # fmt: skip
    kind, name = record["kind"], record.get("client_order_id")
    counts["requests"] += kind == "request"
    counts["events"] += kind == "event"
    counts["foreign"] += kind == "accepted" and record["origin"] == "control"
    if name is None or record.get("origin") == "control":
        return
    what = {"accepted": "accepted", "refused": "refused"}.get(kind)
    if kind == "request" and record["method"] in ("POST", "PATCH"):
        what = "received"
    if what:
        blank = {"received": 0, "accepted": 0, "refused": 0, "orders": []}
        submit = submits.setdefault(name, blank)
        submit[what] += 1
        submit["orders"] += [record["order_id"]] if kind == "accepted" else []


def _short(order: Record) -> Record:
    keys = ("id", "client_order_id", "symbol", "side", "qty", "filled_qty", "status")
    return {k: order[k] for k in keys}


if __name__ == "__main__":
    print(json.dumps(judge(Path(sys.argv[1])), indent=2))
