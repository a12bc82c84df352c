"""The scratch database of a simulation: deployed once, put back to its beginning before each life."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from mqk import deployer
from mqk.clock import VirtualClock
from mqk.db import STEADY, Connection, call, call_value, connect
from mqk.embedded import Cluster
from mqk.errors import from_postgres
from mqk.simulating.market import MORNING, list_instruments, list_sessions

PREFIX = "mqk_simulate_"


class World:
    """A database whose name begins with mqk_simulate_, and the one session in it; `planted` is SQL that
    breaks something.

    Raises MqkError MQG91 for any other database, before anything is changed in it.
    """

    def __init__(self, url: str, planted: bytes = b"") -> None:
        self.url, self.planted = url, planted
        self.conn: Connection = connect(url, "mqk-simulate", STEADY)
        try:
            self._make()
        except BaseException:
            self.conn.close()
            raise

    def _make(self) -> None:
        self._run(read_script("guard"))
        deployer.deploy(self.url, verify=False)
        self._run(read_script("world"))
        self._run(self.planted)
        clock = VirtualClock(MORNING)
        call(self.conn, "api.md_load_calendar", exchange_id="XTST", time_zone="UTC",
             rows=list_sessions(), now_at=clock())  # fmt: skip
        call(self.conn, "api.md_load_instruments", rows=list_instruments(), now_at=clock())
        call(self.conn, "io.register_strategy", strategy_id="given", version="1", now_at=clock())
        call(self.conn, "simulating.add_points")
        call(self.conn, "simulating.keep")

    def _run(self, script: bytes) -> None:
        try:
            with self.conn.transaction():
                self.conn.execute(script)
        except psycopg.Error as no:
            raise from_postgres(no) from no

    def begin(self) -> VirtualClock:
        """Everything as it was at first; give the clock of a new life."""
        call_value(self.conn, "simulating.restore")
        return VirtualClock(MORNING)

    def close(self) -> None:
        """End the session."""
        self.conn.close()


def read_script(name: str) -> bytes:
    """A script of this package: guard, world, canary."""
    return Path(__file__).with_name(f"{name}.sql").read_bytes()


@contextmanager
def open_server() -> Iterator[Cluster]:
    """A throw-away server of our own, without fsync; nothing of it is left."""
    cluster = Cluster(f"test-simulate-{os.getpid()}", durable=False).start()
    try:
        cluster.sweep()
        yield cluster
    finally:
        cluster.stop(remove=True)
