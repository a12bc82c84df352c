"""The halt against workers that trade and a hostile session that holds the run and does nothing."""

from __future__ import annotations

import time
from random import Random
from typing import Any

import psycopg

from chaos.floor import HIT_SECONDS, REST_SECONDS, Floor, Result
from chaos.server import Server
from chaos.verdict import find_violations
from mqk.simulator.ledger import read_ledger
from support import worker_url

MOST_MS = 1000.0
PERMITS = "select count(*) from oms.permits"
HOLD = "select io.acquire_lease(%s, 'strategist', 'evil', 'evil', clock_timestamp())"


def hold(server: Server, floor: Floor) -> psycopg.Connection[Any]:
    """A worker's own login keeps the run FOR SHARE and stays idle in its transaction."""
    evil = psycopg.connect(
        worker_url(server.url(floor.name), "strategist"), application_name="evil"
    )
    evil.execute("set idle_in_transaction_session_timeout = 0")
    evil.execute(HOLD, [floor.run_id])
    return evil


def run_halts(server: Server, result: Result, number: int, halts: int = 4) -> None:
    """Layer halt: halted within a second, and no permit after it, whoever holds what."""
    random = Random(f"{result.seed}/{number}")
    floor = Floor(server, number, random.randrange(1000))
    try:
        floor.open()
        for turn in range(halts):
            floor.progress(random.randint(1, 2), 2)
            evil = hold(server, floor) if turn % 2 == 0 else None
            time.sleep(random.random() / 10)
            began = time.monotonic()
            floor.act("run_halt", run_id=floor.run_id, reason="the campaign")
            result.time("halt, held" if evil else "halt", began)
            permits = floor.one(PERMITS)
            sent = count_sent(floor)
            time.sleep(1.5)
            if floor.status != "HALTED":
                result.violations.append(f"halt {turn}: the run is {floor.status}")
            if floor.one(PERMITS) != permits:
                result.violations.append(f"halt {turn}: a permit was given after it")
            result.counts["on the wire"] += count_sent(floor) - sent
            result.counts["halts, held" if evil else "halts"] += 1
            if evil:
                evil.close()
            floor.keep_up(result)
            floor.wait_for("it runs", lambda: floor.status == "RUNNING", HIT_SECONDS)
        floor.act("run_halt", run_id=floor.run_id, reason="the end")
        floor.wait_for("the desk rests", floor.rests, REST_SECONDS)
        result.violations += find_violations(floor)
        result.counts["permits"] += floor.one(PERMITS)
    finally:
        floor.close()
    for name, times in result.times.items():
        if name.startswith("halt") and max(times) > MOST_MS:
            result.violations.append(f"{name} took {max(times):.0f} ms")


def count_sent(floor: Floor) -> int:
    """Orders that the broker has heard."""
    return sum(
        record["kind"] == "request" and record["method"] == "POST"
        for record in read_ledger(floor.broker.ledger)
    )
