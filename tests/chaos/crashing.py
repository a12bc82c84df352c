"""A worker, or a command of mqk, that is hit at one place.

python -m chaos.crashing POINT ACTION -- worker gateway --interval 0.1

    CHAOS_TIMES   at which arrival (1, 2, ...), counted from when CHAOS_ARMED exists
    CHAOS_MARK    the file that is written just before it is hit
    CHAOS_ADMIN   a superuser's connection string beside the worker's own
    CHAOS_DATA    the server's data folder       CHAOS_SOCKET   its unix socket

What is wrapped is mqk.db.call and the methods of the Alpaca adapter, before anything else is imported.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from chaos.points import CUT_ANSWER, CUT_REQUEST, KILL, POINTS, POSTMASTER, TERMINATE, Point
from chaos.proxy import Proxy
from chaos.server import kill_postmaster
from mqk import db

HELD_SECONDS = 5.0  # a call that does not reach the lock by then was not held up
WIRE_SECONDS = 0.4  # a submit is with the broker by then


class Crash:
    """Counts the arrivals at the point and hits once."""

    def __init__(self, point: Point, action: str, env: dict[str, str]) -> None:
        self.point, self.action, self.env = point, action, env
        self.left, self.done = int(env["CHAOS_TIMES"]), False
        self.proxy: Proxy | None = None
        self.backend = 0
        if action in (CUT_REQUEST, CUT_ANSWER):
            self.proxy = Proxy(env["CHAOS_SOCKET"])
            os.environ["MQK_DATABASE_URL"] = make_conninfo(
                os.environ["MQK_DATABASE_URL"],
                host="127.0.0.1", port=self.proxy.port, sslmode="disable",
            )  # fmt: skip

    def is_due(self, door: str) -> bool:
        """Whether this arrival is the one."""
        named = self.point.door
        meant = door.startswith(named[:-1]) if named.endswith("*") else door == named
        if self.done or not meant or not Path(self.env["CHAOS_ARMED"]).exists():
            return False
        self.left -= 1
        self.done = self.left <= 0
        return self.done

    def pass_through(self, door: str, work: Callable[[], Any]) -> Any:
        """Do the work of a door, and be hit before, inside or after it."""
        if not self.is_due(door):
            return work()
        if self.point.moment == "INSIDE":
            return self._inside(work)
        if self.point.moment == "BEFORE":
            self.hit()
            return work()
        try:
            return work()
        finally:
            self.hit()

    def hit(self) -> None:
        """Leave the mark, then do it."""
        Path(self.env["CHAOS_MARK"]).write_text(self.action)
        if self.action == KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        elif self.action == POSTMASTER:
            kill_postmaster(Path(self.env["CHAOS_DATA"]))
        elif self.action == TERMINATE:
            with self._admin() as admin:
                admin.execute("select pg_terminate_backend(%s)", [self.backend])
        elif self.proxy:
            inside = self.point.moment == "INSIDE"
            self.proxy.drop() if inside else self.proxy.cut(self.action.removeprefix("CUT_"))

    def _inside(self, work: Callable[[], Any]) -> Any:
        if not self.point.lock:
            hits: threading.Thread = threading.Timer(WIRE_SECONDS, self.hit)
            hits.start()
            return self._finish(work, hits)
        with self._admin() as holder:
            holder.execute("begin")
            holder.execute(f"lock table {self.point.lock} in share row exclusive mode")
            self.holder = holder
            hits = threading.Thread(target=self._hit_when_held)
            hits.start()
            return self._finish(work, hits)

    @staticmethod
    def _finish(work: Callable[[], Any], hits: threading.Thread) -> Any:
        try:
            return work()
        finally:
            hits.join()

    def _hit_when_held(self) -> None:
        waits = "select count(*) from pg_locks where pid = %s and not granted"
        deadline = time.monotonic() + HELD_SECONDS
        with self._admin() as watch:
            while time.monotonic() < deadline:
                if watch.execute(waits, [self.backend]).fetchone()[0]:  # type: ignore[index]
                    self.hit()
                    break
                time.sleep(0.01)
        self.holder.close()

    def _admin(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.env["CHAOS_ADMIN"], autocommit=True)


def wrap_database(crash: Crash) -> None:
    """Every call of a function of the database passes by."""
    original = db.call

    def call(conn: db.Connection, function: str, /, **args: Any) -> list[db.Row]:
        if not conn.closed:
            crash.backend = conn.info.backend_pid
        rows: list[db.Row] = crash.pass_through(function, lambda: original(conn, function, **args))
        return rows

    db.call = call


def wrap_broker(crash: Crash) -> None:
    """So does every call of the broker."""
    from mqk.brokers.alpaca import AlpacaBroker

    for name in ("submit", "cancel", "find", "orders", "snapshot"):
        original = getattr(AlpacaBroker, name)

        def method(self: Any, *args: Any, _name: str = name, _do: Any = original) -> Any:
            return crash.pass_through(f"broker.{_name}", lambda: _do(self, *args))

        setattr(AlpacaBroker, name, method)


def main(words: list[str]) -> None:
    """Run the command after `--` with its point wrapped."""
    point, action, _, *command = words
    crash = Crash(POINTS[point], action, dict(os.environ))
    wrap_database(crash)
    if command[0] == "worker" and command[1] != "strategist":
        wrap_broker(crash)
    from mqk.cli.main import main as mqk

    mqk(command)


if __name__ == "__main__":
    main(sys.argv[1:])
