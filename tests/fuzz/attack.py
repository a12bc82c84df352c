"""Attacks by really logged-in sessions: any statement, then any words at their own doors."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from random import Random
from typing import Any

import psycopg

from fuzz.grammar import Grammar, look
from fuzz.state import State, changed, is_catalogued
from kit import GIVEN, Desk
from matrix import MATRIX
from support import Database

GROUPS = ("dispatch", "inbox", "recon", "md", "strategy", "notify", "lab", "operator", "approver",
          "auditor", "readonly", "console")  # fmt: skip
# What the harness itself ends: its statement_timeout.
TOO_LONG = "57014"
# The rooms that the doors of a group may write to; who acts may also write to the diary.
WRITES = {
    "dispatch": "run oms risk sim audit",
    "inbox": "run oms risk ledger recon sim audit",
    "recon": "run oms risk recon sim audit",
    "md": "run md risk audit ledger oms",
    "strategy": "run strat oms risk audit",
    "notify": "run pager audit",
    "lab": "lab",
    "operator": "run oms md ref risk ops lab audit ledger recon strat",
    "approver": "run ops audit oms risk",
    "auditor": "run ops audit oms risk",
    "readonly": "",
    "console": "run ops audit oms",
}
MOST_SECONDS = 1.0
NUMBERS = count()


class Arena:
    """A running desk, and a login of each group that is nothing else."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.desk = Desk(db.url, strategy=GIVEN)
        self.desk.start()
        self.desk.plan(2, AAA=10)
        self.desk.tick("gateway")
        number = next(NUMBERS)
        self.logins = {group: f"fuzz{os.getpid()}_{number}_{group}" for group in GROUPS}
        for group, login in self.logins.items():
            db.create_login(login, f"mqk_{group}")
        with (
            self.desk.conn.transaction()
        ):  # what a template's copy has lost: the grants of the database
            self.desk.conn.execute(f'revoke all on database "{db.name}" from public')
            self.desk.conn.execute(
                f'grant connect on database "{db.name}" to {", ".join(self.logins.values())}'
            )
        self.state = State(self.desk.conn, catalog=True)
        self.things = look(self.desk.conn, self.known())
        self.seen: Counter[str] = Counter()

    def known(self) -> dict[str, tuple[str, ...]]:
        """Values that are real here, by the name of the parameter."""
        desk = self.desk
        outbox = desk.one("select outbox_id from oms.outbox limit 1")
        order = str(desk.one("select client_order_id from oms.orders limit 1"))
        return {
            "p_run_id": (str(desk.run_id),),
            "p_now_at": (desk.now.isoformat(), desk.now.isoformat(), "2099-01-01", "-infinity"),
            "p_lease_epoch": ("1", "2"),
            "p_outbox_id": (str(outbox), "99"),
            "p_attempt_no": ("1", "2"),
            "p_symbol": ("AAA", "ZZZ"),
            "p_client_order_id": (order,),
            "p_account_id": (str(desk.run["account_id"]),),
            "p_engine_id": ("TEST",),
            "p_worker_kind": ("gateway", "snapshots", "broker_events", "strategist"),
            "p_worker_name": ("gateway@test", "x"),
            "p_timeframe": ("1D", "1m"),
            "p_strategy_id": ("given",),
            "p_feed": ("test",),
            "p_limit": ("1", "100", "101"),
            "p_reason": ("x", ""),
        }

    @contextmanager
    def enter(self, group: str) -> Iterator[Any]:
        """A session of the login of a group."""
        with self.db.connect(user=self.logins[group], options="-c lock_timeout=300ms") as conn:
            yield conn

    def say(self, conn: Any, statement: str) -> str:
        """Say it; give its SQLSTATE. The harness alone ends what would take long."""
        with suppress(psycopg.Error):
            conn.execute("rollback")
            conn.execute("set statement_timeout = '700ms'")
        try:
            conn.execute(statement)
        except psycopg.Error as no:
            if conn.info.transaction_status == psycopg.pq.TransactionStatus.ACTIVE:
                conn.close()  # a COPY that nobody reads
            return no.sqlstate or type(no).__name__
        return "00000"

    def close(self) -> None:
        """Leave no login behind: roles belong to the server."""
        for login in self.logins.values():
            self.desk.conn.execute(f'drop owned by "{login}"')
            self.desk.conn.execute(f'drop role "{login}"')
        self.desk.conn.close()


def own_doors(group: str) -> set[str]:
    """The doors that a group may call."""
    return {name for name, who in MATRIX.items() if group in who.split()}


def assault(arena: Arena, group: str, seed: int, times: int) -> list[str]:
    """Any statements but calls of the own doors: not a row and nothing of the catalog may change."""
    grammar = Grammar(Random(f"{group} {seed}"), arena.things, arena.logins[group])
    before, said = arena.state.read(), []
    left = times
    while left > 0:
        with arena.enter(group) as conn:
            while left > 0 and not conn.closed:
                left -= 1
                statement = grammar.statement(own_doors(group))
                said.append(statement)
                arena.seen[arena.say(conn, statement)] += 1
    touched = changed(before, arena.state.read())
    return (
        [f"{group}, seed {seed}: {sorted(touched)} by one of {len(said)} statements"]
        if touched
        else []
    )


def lie(arena: Arena, group: str, seed: int, times: int) -> list[str]:
    """Any words at the own doors: only their rooms may change, every promise holds, every no has a name."""
    doors = own_doors(group)
    grammar = Grammar(Random(f"{group} {seed}"), arena.things, arena.logins[group])
    mine = [f for f in arena.things.functions if f"{f['room']}.{f['name']}" in doors]
    before, wrong = arena.state.read(), []
    with arena.enter(group) as conn:
        for _ in range(times):
            statement = f"select * from {grammar.call(grammar.chance.choice(mine))} limit 3"
            code = arena.say(conn, statement)
            arena.seen[code] += 1
            if code not in ("00000", TOO_LONG) and not is_catalogued(code):
                wrong.append(f"{group}, seed {seed}: {code} by {statement:.600}")
    rooms = {
        "catalog" if n == "catalog" else n.split(".")[0]
        for n in changed(before, arena.state.read())
    }
    if strange := rooms - set(WRITES[group].split()):
        wrong.append(f"{group}, seed {seed}: wrote to {sorted(strange)}")
    return wrong + [f"{group}, seed {seed}: {broken}" for broken in arena.state.broken()]


def halt_among(arena: Arena, seed: int, sessions: int = 4) -> list[str]:
    """Hostile sessions say anything inside transactions that they leave open; an operator halts."""
    draw = Random(seed)
    opened = []
    for group in draw.sample(("dispatch", "inbox", "recon", "strategy", "md", "notify"), sessions):
        conn = arena.db.connect(user=arena.logins[group], options="-c lock_timeout=300ms")
        opened.append(conn)
        grammar = Grammar(draw, arena.things, arena.logins[group])
        mine = [f for f in arena.things.functions if f"{f['room']}.{f['name']}" in own_doors(group)]
        conn.execute("begin")
        for _ in range(12):
            with suppress(psycopg.Error):
                conn.execute("savepoint s")
                conn.execute("set statement_timeout = '700ms'")
                conn.execute(f"select * from {grammar.call(draw.choice(mine))}")
            with suppress(psycopg.Error):
                if conn.info.transaction_status == psycopg.pq.TransactionStatus.INERROR:
                    conn.execute("rollback to s")
    with arena.enter("operator") as conn:
        conn.execute("set lock_timeout = 0")
        begun = time.monotonic()
        conn.execute(
            "select * from api.run_halt(%s, 'fuzz', %s)", [arena.desk.run_id, arena.desk.now]
        )
        took = time.monotonic() - begun
    for hostile in opened:
        hostile.close()
    arena.seen["halted"] += 1
    wrong = [f"seed {seed}: the halt took {took:.2f} s"] if took > MOST_SECONDS else []
    return wrong if arena.desk.status == "HALTED" else [*wrong, f"seed {seed}: not halted"]
