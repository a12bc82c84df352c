"""The judge of a crash: the broker's ledger on one side, the desk's books on the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from chaos.rig import Rig
from mqk.simulator.ledger import read_ledger

MICROS = 1_000_000


def find_violations(rig: Rig) -> list[str]:
    """Everything that is wrong with a desk at rest; empty when nothing is."""
    proven = rig.broker.judge()
    return [
        *find_doubles(rig, proven),
        *find_strangers(rig, proven),
        *find_lost_fills(rig, proven),
        *find_differences(rig, proven),
        *find_broken_promises(rig),
    ]


def find_doubles(rig: Rig, proven: dict[str, Any]) -> Iterator[str]:
    """A name that was taken twice, or sent again after it was taken or refused."""
    yield from (f"{name} was taken more than once" for name in proven["doubles"])
    taken: set[str] = set()
    for record in read_ledger(rig.broker.ledger):
        name = record.get("client_order_id")
        if record["kind"] == "accepted":
            taken.add(str(name))
        elif record["kind"] == "request" and record["method"] == "POST" and name in taken:
            yield f"{name} was sent again after the broker had taken it"


def find_strangers(rig: Rig, proven: dict[str, Any]) -> Iterator[str]:
    """Orders at the broker that the desk does not know; requests without an attempt."""
    known = {
        row["broker_order_id"] for row in rig.sql("select broker_order_id from oms.broker_map")
    }
    attempts = Counter(
        row["client_order_id"]
        for row in rig.sql(
            "select r.client_order_id from oms.attempts as a join oms.outbox as o"
            " using (run_id, outbox_id) join oms.orders as r using (run_id, order_id)"
            " where a.request_kind = 'SUBMIT'"
        )
    )
    for name, submit in proven["submits"].items():
        yield from (f"{name}: order {o} has no map" for o in submit["orders"] if o not in known)
        if submit["received"] > attempts[name]:
            yield f"{name}: {submit['received']} requests, {attempts[name]} attempts"


def find_lost_fills(rig: Rig, proven: dict[str, Any]) -> Iterator[str]:
    """Executions and booked fills are one to one, in everything that counts."""
    told = Counter(
        (e["execution_id"], e["client_order_id"], e["symbol"], _signed(e), _micros(e["price"]))
        for e in proven["executions"]
    )
    booked = Counter(
        (f["execution_id"], f["client_order_id"], f["symbol"], f["fill_qty"], f["price_micros"])
        for f in rig.sql("select * from ledger.fills")
    )
    yield from (f"not booked: {fill}" for fill in (told - booked))
    yield from (f"booked and not told: {fill}" for fill in (booked - told))


def find_differences(rig: Rig, proven: dict[str, Any]) -> Iterator[str]:
    """Shares and cash, to the micro."""
    held = rig.sql("select symbol, position_qty from ledger.positions where position_qty <> 0")
    ours = {row["symbol"]: row["position_qty"] for row in held}
    theirs = {symbol: int(Decimal(qty)) for symbol, qty in proven["positions"].items()}
    if ours != theirs:
        yield f"shares: ours {ours}, the broker's {theirs}"
    cash = rig.one("select cash_micros from ledger.portfolios")
    if cash != _micros(proven["cash"]):
        yield f"cash: ours {cash}, the broker's {proven['cash']}"


def find_broken_promises(rig: Rig) -> Iterator[str]:
    """Every promise of the database, and its diary."""
    for row in rig.call("api.verify_all"):
        if row["violations"]:
            yield f"{row['invariant']}: {row['first_one']}"
    for row in rig.call("api.audit_verify"):
        if row["finding"]:
            yield f"the diary of {row['chain_kind']}: {row['finding']}"


def _signed(execution: dict[str, Any]) -> int:
    qty = int(Decimal(execution["qty"]))
    return -abs(qty) if execution["side"].startswith("sell") else qty


def _micros(amount: str) -> int:
    return int(Decimal(amount) * MICROS)
