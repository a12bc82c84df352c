"""Bad input of every kind, through commands and doors as real logins. The law: no traceback, an exit code
of the catalogue, a code that docs/errors.md lists, and what was refused wrote nothing but the diary.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import psycopg
from click.testing import CliRunner, Result
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from fuzz.state import DIARY, State, changed, is_catalogued
from fuzz.words import CSV, JSON, LAYER, NASTY, NASTY_TEXT, spoil
from kit import GIVEN, Desk
from mqk.cli.main import main
from support import Database

EXITS = (0, 2, 3, 75)
CODE_AS_JSON = re.compile(r'^{"error": "(\w{5})"')
CODE = re.compile(r"^([0-9A-Z]{5}): ", re.M)
# These build or serve something of their own, or never end: their words are tried, not their work.
NOT_RUN = ("demo", "db start", "db stop", "db deploy", "db revert", "simulator", "worker", "md sync",
           "backtest sweeper", "backtest sweep", "doctor")  # fmt: skip
LOADERS = ("ingest", "load-calendar", "load-instruments", "load-classifications", "load-actions")
DISPOSED = {"APPLIED", "NOTED", "DUPLICATE", "STALE", "QUARANTINED", "LATE"}
BOOKS = "ledger."


def leaves(group: click.Group, words: tuple[str, ...] = ()) -> dict[tuple[str, ...], click.Command]:
    """Every command under its words."""
    found: dict[tuple[str, ...], click.Command] = {}
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        under = (*words, name)
        found |= leaves(command, under) if isinstance(command, click.Group) else {under: command}
    return found


COMMANDS = {w: c for w, c in leaves(main).items() if " ".join(w) not in NOT_RUN}


class Violated(AssertionError):
    """The law is broken."""


def show(value: Any) -> str:
    """A value as it is told."""
    return repr(value.obj if isinstance(value, Jsonb) else value)[:1500]


class Bench:
    """A running desk with an order at the broker, and an operator who types anything."""

    def __init__(self, db: Database, folder: Path) -> None:
        self.db, self.folder = db, folder
        self.desk = Desk(db.url, strategy=GIVEN)
        self.desk.start()
        self.desk.plan(2, AAA=10)
        self.desk.tick("gateway")
        self.name = str(self.desk.one("select client_order_id from oms.orders"))
        self.leases = {kind: self._lead(kind) for kind in ("broker_events", "snapshots")}
        self.state = State(self.desk.conn)
        self.env = {"MQK_DATABASE_URL": db.login_url("mqk_operator"), "MQK_HOME": str(folder)}
        for group in ("mqk_inbox", "mqk_recon", "mqk_md"):
            db.create_login(f"test_{group}", group)
        self.seen: Counter[str] = Counter()
        self.before = self.state.read()

    def _lead(self, kind: str) -> dict[str, Any]:
        group = {"broker_events": "mqk_inbox", "snapshots": "mqk_recon"}[kind]
        tick = self.desk.ticks[kind]
        tick.release()
        self.db.create_login(f"test_{group}", group)
        with self.db.connect(user=f"test_{group}") as conn:
            tick.conn = conn
            tick.lead()
        return dict(tick.lease)

    def command(self, words: list[str], env: dict[str, str] | None = None) -> Result:
        """Type a command; judge what it said and what it left."""
        here = Path.cwd()
        os.chdir(self.folder)
        try:
            done = CliRunner().invoke(main, words, env={**self.env, **(env or {})}, input="")
        finally:
            os.chdir(here)
        said = f"{[w[:200] for w in words]} -> {done.exit_code}: {done.output[-1500:]}"
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise Violated(said) from done.exception
        code = CODE.search(done.stderr) or CODE_AS_JSON.search(done.stderr)
        usage = "Error: " in done.stderr or "Usage: " in done.output
        fine = done.exit_code in EXITS and "Traceback" not in done.output
        if done.exit_code:
            fine = fine and (is_catalogued(code[1]) if code else usage and done.exit_code == 2)
        self.seen[code[1] if code else f"exit {done.exit_code}"] += 1
        after = self.state.read()
        strange = changed(self.before, after) - DIARY if done.exit_code else set()
        self.before = after
        if not fine or strange:
            raise Violated(f"{said} wrote {sorted(strange)}")
        return done

    def door(self, group: str, query: str, *values: Any) -> list[dict[str, Any]] | str:
        """Ask a door as a login of this group and judge it; give rows or the code. All is undone."""
        conn, rows, code = self.desk.conn, [], ""
        before = self.before
        with conn.transaction(force_rollback=True):
            conn.execute(f"set session authorization test_{group}")
            try:
                with conn.transaction():
                    rows = conn.execute(query, values).fetchall()
            except psycopg.Error as error:
                code = error.sqlstate or type(error).__name__
                said = str(error)
            conn.execute("reset session authorization")
            after = self.state.read()
            touched = changed(before, after)
            if code and (touched or not is_catalogued(code)):
                raise Violated(
                    f"{query} {list(map(show, values))} -> {code} {said} wrote {sorted(touched)}"
                )
            conn.execute("set constraints all immediate")
            if broken := self.state.broken():
                raise Violated(f"{query} {list(map(show, values))} breaks {broken}")
            kept = [row.get("disposition", row.get("verdict", "done")) for row in rows]
            why = [f"{v} {row.get('detail') or ''}"[:40] for v, row in zip(kept, rows, strict=True)]
            self.seen.update([code] if code else why)
            if not code and set(kept) <= {"QUARANTINED", "DUPLICATE", "STALE", "DIRTY", "REFUSED"}:
                booked = {name for name in touched if name.startswith(BOOKS)}
                if booked:
                    raise Violated(
                        f"{query} {list(map(show, values))} -> {kept} wrote {sorted(booked)}"
                    )
        return code or rows

    def close(self) -> None:
        """End the sessions."""
        self.desk.conn.close()


def try_config(bench: Bench, value: tuple[bytes, str]) -> None:
    """A layer of config, checked and made a run of."""
    (bench.folder / "own.yaml").write_bytes(value[0])
    words = {
        "check": ["config", "check", "own.yaml"],
        "create": ["run", "create", "--config", "own.yaml"],
    }
    bench.command(words[value[1]])


def try_file(bench: Bench, value: tuple[bytes, str]) -> None:
    """A file of bars or of reference data."""
    (bench.folder / "own.csv").write_bytes(value[0])
    bench.command(["md", value[1], "own.csv"])


def try_message(bench: Bench, value: Any) -> None:
    """What a broker says, at the door of the inbox."""
    lease, desk = bench.leases["broker_events"], bench.desk
    query = "select * from io.receive_messages(%s, %s, %s, %s, %s)"
    at = desk.now + timedelta(seconds=1)
    rows = bench.door(
        "mqk_inbox", query, lease["run_id"], lease["lease_epoch"], Jsonb(value), "c", at
    )
    if isinstance(rows, list) and not {row["disposition"] for row in rows} <= DISPOSED:
        raise Violated(f"{value!r} is disposed of as {rows}")


def try_snapshot(bench: Bench, value: Any) -> None:
    """What a broker shows, at the door of recon."""
    lease, at = bench.leases["snapshots"], bench.desk.now
    query = "select * from io.submit_snapshot(%s, %s, %s, %s)"
    bench.door("mqk_recon", query, lease["run_id"], lease["lease_epoch"], Jsonb(value), at)


def try_bars(bench: Bench, value: Any) -> None:
    """Rows of a feed, at the door of the market data."""
    query = "select * from io.ingest_bars('test', false, %s, 'x.v1', '1D', 'KEEP_GOOD', %s, %s)"
    bench.door("mqk_md", query, Jsonb(["0" * 64]), Jsonb(value), bench.desk.now)


def try_token(bench: Bench, value: str) -> None:
    """What stands in MQK_TOKEN."""
    bench.command(["run", "halt", str(bench.desk.run_id), "--reason", "x"], {"MQK_TOKEN": value})


def try_url(bench: Bench, value: tuple[str, str]) -> None:
    """What stands in MQK_DATABASE_URL, for a reader, the deployer and a worker."""
    env = {"MQK_DATABASE_URL": value[0], "PGCONNECT_TIMEOUT": "1"}
    bench.command(value[1].split(), env)


def try_words(bench: Bench, value: tuple[tuple[str, ...], list[str]]) -> None:
    """A command with any words behind it."""
    bench.command([*value[0], *value[1]])


def fits(word: str) -> bool:
    """Whether a machine's argv and environment can hold it: bytes that are no UTF-8 they can."""
    try:
        return b"\0" not in os.fsencode(word)
    except UnicodeEncodeError:
        return False


def words_of(command: click.Command) -> st.SearchStrategy[list[str]]:
    """Words for the parameters of a command."""
    known = ["TEST", "AAA", "1D", "2024-01-02", "NO-SUCH", "own.yaml", "own.csv", *NASTY]
    word = st.one_of(st.sampled_from(known), st.text(max_size=8), st.uuids().map(str))
    plain = word.filter(fits)
    parts: list[st.SearchStrategy[list[str]]] = []
    for parameter in command.params:
        if parameter.name == "watch":
            continue
        if isinstance(parameter, click.Option):
            flag = parameter.opts[0]
            option = st.just([flag]) if parameter.is_flag else plain.map(lambda w, f=flag: [f, w])
            parts.append(option if parameter.required else st.one_of(st.just([]), option))
        else:
            parts.append(plain.map(lambda w: [w]))
    extra = st.one_of(st.just([]), st.just([]), plain.map(lambda w: [w]), st.just(["--json"]))
    return st.tuples(*parts, extra).map(lambda made: [w for part in made for w in part])


URLS = st.one_of(
    NASTY_TEXT.filter(fits),
    st.sampled_from(
        [
            "postgresql://127.0.0.1:1/none",
            "postgresql://",
            "postgresql://[::1",
            "postgres://a:b@/",
            "host=/nowhere",
            "host=127.0.0.1 port=99999",
            "port=x",
            "dbname='",
            "postgresql:///x?sslmode=maybe",
            "mysql://x",
            "service=none",
        ]
    ),
)
FILL = {
    "message_id": "m", "event": "fill", "broker_order_id": "b", "client_order_id": "", "qty": "4",
    "execution_id": "e", "price": "100", "fee": "0", "cum_qty": "4", "at": "2024-01-04T21:05:00+00:00",
}  # fmt: skip


def kinds(bench: Bench) -> dict[str, tuple[st.SearchStrategy[Any], Callable[[Bench, Any], None]]]:
    """Every kind of input: what may come, and how it comes in."""
    desk = bench.desk
    mine = {**FILL, "client_order_id": bench.name, "broker_order_id": desk.broker.find(bench.name)}
    desk.clock.move_to(desk.now + timedelta(seconds=9))
    shown = desk.broker.snapshot()
    bar = {"line_no": 2, "symbol": "AAA", "timeframe": "1D", "session_on": "2024-01-05", "open": "100",
           "high": "102", "low": "99", "close": "101", "volume": "7"}  # fmt: skip
    return {
        "config": (st.tuples(LAYER, st.sampled_from(["check", "create"])), try_config),
        "file": (st.tuples(CSV, st.sampled_from(LOADERS)), try_file),
        "message": (
            st.lists(st.one_of(spoil(mine), spoil(mine), JSON), max_size=3) | JSON,
            try_message,
        ),
        "snapshot": (st.one_of(spoil(shown), spoil(shown), JSON), try_snapshot),
        "bars": (st.lists(st.one_of(spoil(bar), JSON), max_size=3) | JSON, try_bars),
        "token": (NASTY_TEXT.filter(fits), try_token),
        "url": (
            st.tuples(
                URLS,
                st.sampled_from(["run list", "db status", "db verify", "worker gateway --once"]),
            ),
            try_url,
        ),
        "words": (
            st.sampled_from(sorted(COMMANDS)).flatmap(
                lambda words: st.tuples(st.just(words), words_of(COMMANDS[words]))
            ),
            try_words,
        ),
    }
