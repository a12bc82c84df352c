"""The one way to the database: call a door function by name. No other SQL text in this package."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from mqk.errors import MqkError, from_postgres

Connection = psycopg.Connection[dict[str, Any]]
Row = dict[str, Any]
CONNECT_SECONDS = 10
SETTINGS = "-c timezone=UTC -c client_min_messages=warning -c jit=off"
TALKING = "-c timezone=UTC -c client_min_messages=notice -c jit=off"
STEADY = f"{SETTINGS} -c plan_cache_mode=force_generic_plan -c enable_seqscan=off"


def connect(url: str, application_name: str = "mqk", settings: str = SETTINGS) -> Connection:
    """Open a session in UTC in which every call is a transaction of its own. JIT is off: it took
    190 ms to compile what runs in 2. A worker's session is opened with STEADY, so that its plans do
    not hang on statistics or values: each look-up has a key and its index. A server that does not
    answer is given up after CONNECT_SECONDS, unless the URL or PGCONNECT_TIMEOUT say otherwise.

    Raises MqkError 08006 when the server cannot be reached, MQA32 when the URL cannot be read.
    """
    try:
        return psycopg.connect(
            with_timeout(url),
            autocommit=True,
            row_factory=dict_row,
            application_name=application_name,
            options=settings,
        )
    except psycopg.Error as error:
        raise from_postgres(error) from error


def read_conninfo(url: str) -> dict[str, Any]:
    """The parts of a connection string of either form. Raises MqkError MQA32."""
    try:
        return conninfo_to_dict(url)
    except (psycopg.ProgrammingError, UnicodeEncodeError):  # not repeated: it may hold a password
        fix = "Write postgresql://USER@HOST/DATABASE, or host=HOST dbname=DATABASE."
        law = "a database URL can be read"
        raise MqkError("MQA32", law, "MQK_DATABASE_URL", fix) from None


def with_timeout(url: str) -> str:
    """The URL with a time limit for connecting, where it has none."""
    if "connect_timeout" in read_conninfo(url) or "PGCONNECT_TIMEOUT" in os.environ:
        return url
    return make_conninfo(url, connect_timeout=CONNECT_SECONDS)


@cache
def compose(function: str, names: tuple[str, ...]) -> bytes:
    """The query that calls a function with these arguments. Composing it costs more than sending it."""
    room, name = function.split(".")
    query = sql.SQL("select * from {}({})").format(
        sql.Identifier(room, name),
        sql.SQL(", ").join(
            sql.SQL("{} => {}").format(sql.Identifier(f"p_{key}"), sql.Placeholder(key))
            for key in names
        ),
    )
    return query.as_bytes()


def adapt(value: Any) -> Any:
    """An argument as it is sent: jsonb for a dict or list, text without NUL and halves of characters."""
    if isinstance(value, dict | list):
        return Jsonb(value)
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\0", "?")
    return value


def call(conn: Connection, function: str, /, **args: Any) -> list[Row]:
    """Call `room.function(p_name => value, ...)` and give its rows.

    A dict or list goes as jsonb. Text that Postgres cannot hold loses those characters: what a
    terminal or a broker mistyped must not keep a halt from being written. Raises MqkError with the
    database's law, detail and fix.
    """
    values = {key: adapt(v) for key, v in args.items()}
    try:
        return conn.execute(compose(function, tuple(args)), values).fetchall()
    except psycopg.Error as error:
        raise from_postgres(error) from error


def call_value(conn: Connection, function: str, /, **args: Any) -> Any:
    """Call a function that gives one value."""
    rows = call(conn, function, **args)
    return next(iter(rows[0].values())) if rows else None


def call_row(conn: Connection, function: str, /, **args: Any) -> Row | None:
    """Call a function that gives one row or none."""
    rows = call(conn, function, **args)
    return rows[0] if rows else None


@contextmanager
def hold_still(conn: Connection) -> Iterator[None]:
    """A transaction all of whose calls see the database as it was at the first one."""
    conn.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    try:
        with conn.transaction():
            yield
    finally:
        conn.isolation_level = None


def listen(conn: Connection, channel: str) -> None:
    """Ask to be woken by `channel` (a hint only: every worker polls as well)."""
    conn.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))
