"""What all workers share: which run to serve, when to wake up, how to stop.

A worker is a function `tick(Tick) -> int` (how many things it did). `serve` calls it in a loop, woken
by NOTIFY or after `interval` seconds, until SIGTERM or SIGINT; with once=True it is called one time,
for cron. A refused call is logged and the loop goes on; a broken invariant halts the run; a lost
connection is opened again. A login that Postgres cannot hold back is refused at the start.

Of each kind that acts one process leads: it holds a lease, which `lead` takes and renews and every door
asks for. Another process of the kind stands by until the lease ends. While the engine's halt file
exists (mqk.halting), each tick first tells the database, and nothing is sent.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from mqk.clock import Clock, system_clock
from mqk.config.secrets import read_secrets
from mqk.db import STEADY, Connection, call, call_row, connect, listen
from mqk.errors import INVARIANT_BROKE, TRY_AGAIN, MqkError
from mqk.halting import deadman_path, halt_path
from mqk.log import log
from mqk.systemd import notify
from mqk.tick import StandBy, Tick

__all__ = ["Job", "StandBy", "Tick", "open_tick", "serve"]
RECONNECT_SECONDS = 2.0
STEP_SECONDS = 0.1
LOGIN_TOO_POWERFUL = "MQG60"


@dataclass(frozen=True)
class Job:
    """How a worker is run: its kind, its tick, the channel that wakes it, its wires; `announce` is
    called with each new session, before there is a run. One that does not act only tells people: it
    need not be of the armed program, and an invariant that it finds broken halts nothing.
    """

    kind: str
    tick: Callable[[Tick], int]
    channel: str
    wire: Callable[[Tick], None]
    announce: Callable[[Connection, datetime], None] = lambda _conn, _now_at: None
    acts: bool = True


class Stop:
    """Turns SIGTERM and SIGINT into a flag that the loop reads between two ticks."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, *_: Any) -> None:
        self.asked = True


def name_process(clock: Clock = system_clock) -> str:
    """What this process is called, and no other: machine, number, the time of its start."""
    return f"{socket.gethostname()} {os.getpid()} {clock().isoformat()}"


def open_tick(
    job: Job, url: str, engine: str, token: str, clock: Clock = system_clock
) -> Tick | None:
    """Connect, announce and find the engine's run; None when it has no run yet."""
    conn = connect(url, f"mqk-{job.kind}", STEADY)
    try:
        call(conn, "io.assert_login")
        job.announce(conn, clock())
        run = call_row(conn, "io.get_run", engine_id=engine)
    except BaseException:
        conn.close()
        raise
    if run is None:
        conn.close()
        return None
    name = f"{job.kind}@{os.environ.get('MQK_WORKER_NAME', socket.gethostname())}"
    tick = Tick(conn, run, job.kind, name, clock, token=token)
    tick.halt_file, tick.deadman_file = halt_path(engine), deadman_path(engine)
    try:
        tick.secrets = read_secrets(run)
        job.wire(tick)
        if job.acts:
            tick.register()
    except BaseException:
        conn.close()
        raise
    return tick


def serve(job: Job, url: str, engine: str, *, once: bool, interval: float) -> None:
    """Run a worker until it is told to stop, or for one tick."""
    stop, token = Stop(), name_process()
    notify("READY=1")
    while not stop.asked:
        notify("WATCHDOG=1")
        try:
            t = open_tick(job, url, engine, token)
            if t is None:
                log(job.kind, "no run yet", engine=engine)
                _pause(stop, 0 if once else interval)
            else:
                with t.conn:
                    try:
                        _loop(job, t, stop, engine, once=once, interval=interval)
                    finally:
                        t.release()
        except (MqkError, psycopg.Error) as error:
            log(job.kind, "lost", error=str(error))
            if once or getattr(error, "code", "") == LOGIN_TOO_POWERFUL:
                raise
            _pause(stop, RECONNECT_SECONDS)
        if once:
            return
    log(job.kind, "stopped")


def _loop(job: Job, t: Tick, stop: Stop, engine: str, *, once: bool, interval: float) -> None:
    listen(t.conn, job.channel)
    waits = False
    while not stop.asked:
        notify("WATCHDOG=1")
        run = call_row(t.conn, "io.get_run", engine_id=engine) or t.run
        if run["run_id"] != t.run_id:
            return  # another run, perhaps another account: wire anew
        t.run = run
        try:
            _step(job, t, once=once)
            waits = False
        except StandBy as other:
            if not waits:
                log(job.kind, "stands by", why=str(other))
            waits = True
        if once:
            return
        _await_notice(t.conn, stop, interval)


def _step(job: Job, t: Tick, *, once: bool) -> None:
    """One tick, and what becomes of a refusal."""
    try:
        t.report_halt_file()
        done = job.tick(t)
        if done or once:
            log(job.kind, "tick", did=done, run_id=t.run_id)
    except MqkError as refusal:
        if refusal.exit_code == INVARIANT_BROKE and job.acts:
            call(t.conn, "io.halt_run", run_id=t.run_id, reason=str(refusal), now_at=t.now)
            log(job.kind, "halted", run_id=t.run_id)
        if refusal.exit_code == TRY_AGAIN or once:
            raise
        log(job.kind, "refused", **refusal.as_dict())


def _await_notice(conn: Connection, stop: Stop, seconds: float) -> None:
    """Wait for a NOTIFY, but no longer; in short steps, so that a stop is obeyed at once."""
    deadline = time.monotonic() + seconds
    while not stop.asked and time.monotonic() < deadline:
        for _ in conn.notifies(timeout=STEP_SECONDS, stop_after=1):
            return


def _pause(stop: Stop, seconds: float) -> None:
    """Sleep in short steps, so that a stop is obeyed at once."""
    deadline = time.monotonic() + seconds
    while not stop.asked and time.monotonic() < deadline:
        time.sleep(STEP_SECONDS)
