"""A broker on your own machine: Alpaca's trading protocol, a market you tell, faults on demand.

    rest, channels     what clients see            server      the port, and the order of one call
    venue, matching    what happens to orders      rules       what is refused
    book, ledger       the state is a fold over    judge       what a ledger proves
                       an append-only file         control     /_sim: prices, time, faults

docs/simulator.md says how to use it.
"""

from __future__ import annotations

from pathlib import Path

from mqk.clock import Clock
from mqk.errors import MqkError
from mqk.simulator.book import Book
from mqk.simulator.control import open_account
from mqk.simulator.ledger import Ledger, read_ledger
from mqk.simulator.server import Simulator
from mqk.simulator.venue import Venue
from mqk.simulator.wire import derive_id


def open_simulator(
    ledger: Path, keys: tuple[str, str], *, seed: int = 0, cash: str = "100000",
    account_id: str | None = None, dedupe: bool = True, clock: Clock | None = None,
) -> Simulator:  # fmt: skip
    """A simulator on a ledger file; one that has an account goes on with it, as it was left.

    `cash` is dollars as text, `account_id` a uuid. Raises MqkError MQA25 if the file cannot be had, MQS07
    if it was begun for another account.
    """
    book = Book(Ledger(ledger), clock)
    book.replay(ledger)
    begun_for = next((record["account_id"] for record in read_ledger(ledger)), account_id)
    if account_id not in (None, begun_for):
        book.ledger.close()
        detail, fix = f"{ledger.name} is of account {begun_for}", "Name another --ledger."
        raise MqkError("MQS07", "a paper account keeps its terms", detail, fix)
    venue = Venue(book, dedupe=dedupe)
    if not book.opening:
        open_account(venue, account_id or derive_id("account", seed), cash, seed)
    book.put("start", dedupe=dedupe, real_clock=clock is not None)
    book.ledger.commit()
    return Simulator(venue, keys)


__all__ = ["Simulator", "open_simulator"]
