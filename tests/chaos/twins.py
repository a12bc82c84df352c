"""Other servers on the same history: a standby that is promoted, a backup restored to a point in time."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from psycopg.conninfo import make_conninfo

from chaos.floor import ENDED, HIT_SECONDS, OPEN, REST_SECONDS, SYMBOLS, Floor, Result
from chaos.rig import Late
from chaos.server import Server, Twin, kill_postmaster
from chaos.verdict import find_violations
from mqk.db import call
from mqk.errors import MqkError

PORT = 5433
STANDBY = "standby"
SLOW_MS = 400
TRADES = "select count(*) from run.runs as r where run.may_trade(r.run_id, clock_timestamp())"
ATTEMPTS = "select count(*) from oms.attempts"
PENDING = "select run_id, outbox_id from oms.outbox where outbox_status in ('PENDING', 'CLAIMED')"


def copy_server(server: Server, data: Path) -> None:
    """pg_basebackup into a folder."""
    server.run(
        "pg_basebackup", "-D", data, "-d", server.url("postgres"), "-X", "stream", "-c", "fast"
    )


def set_servers(server: Server, names: str) -> None:
    """Whom a commit waits for."""
    with server.connect("postgres") as conn:
        conn.execute(f"alter system set synchronous_standby_names = '{names}'")
        conn.execute("select pg_reload_conf()")


def follow(server: Server, data: Path, *, waits: bool = True) -> Twin:
    """A standby that streams; with `waits` a commit waits for it from now on."""
    copy_server(server, data)
    (data / "standby.signal").touch()
    server.own(data / "standby.signal")
    there = make_conninfo(server.url("postgres"), application_name=STANDBY)
    there = there.replace("'", "''").replace("dbname=postgres", "")
    twin = Twin(server, PORT, data, (f"primary_conninfo={there}", "hot_standby=on"))
    twin.start()
    set_servers(server, STANDBY if waits else "")
    streams = "select count(*) as n from pg_stat_replication where state = 'streaming'"
    streams += " and sync_state = 'sync'" if waits else ""
    deadline = time.monotonic() + HIT_SECONDS
    with server.connect("postgres") as conn:
        while not conn.execute(streams).fetchone()["n"]:
            if time.monotonic() > deadline:
                raise Late("the standby does not stream")
            time.sleep(0.05)
    return twin


def promote(twin: Twin, result: Result) -> None:
    """pg_promote, and wait until it takes writes."""
    began = time.monotonic()
    with twin.connect("postgres") as conn:
        conn.execute("select pg_promote(true, 60)")
    result.time("promote", began)


@contextlib.contextmanager
def two_servers(
    server: Server, result: Result, number: int, *, waits: bool = True
) -> Iterator[tuple[Floor, Twin]]:
    """A desk that trades on a primary with a standby; afterwards the primary is as before."""
    random = Random(f"{result.seed}/{number}")
    floor = Floor(server, number, random.randrange(1000))
    twin = None
    try:
        floor.arm_it()
        twin = follow(server, server.cluster.dir / f"twin-{number}", waits=waits)
        floor.trade(SLOW_MS)
        floor.progress(random.randint(1, 3), 5)
        yield floor, twin
    finally:
        if floor.conn is not None:
            floor.conn.close()
        floor.conn, floor.server = None, server
        if twin is not None:
            twin.close()
        (server.data / "postgresql.auto.conf").write_text("")  # nobody is waited for any more
        if not server.mend():
            with server.connect("postgres") as conn:
                conn.execute("select pg_reload_conf()")
        floor.close()


def run_failover(server: Server, result: Result, number: int) -> None:
    """Layer failover: the old primary lives on (even rounds: dies), its standby is promoted."""
    with two_servers(server, result, number) as (floor, twin):
        if number % 2:
            result.violations += live_on(floor, twin, result)
        else:
            kill_postmaster(server.data)
            promote(twin, result)
        result.counts["old primary lives" if number % 2 else "old primary dead"] += 1
        take_over(floor, twin, result)


def live_on(floor: Floor, twin: Twin, result: Result) -> list[str]:
    """The old primary and its workers live on beside the new one: nothing more must be sent."""
    promote(twin, result)
    time.sleep(2 * SLOW_MS / 1000)  # what was permitted before has arrived
    result.counts["waiting at the promotion"] += len(SYMBOLS) - floor.ended
    before = floor.broker.judge()["submits"]
    time.sleep(4)
    after = floor.broker.judge()["submits"]
    return [f"{name} was sent by the old primary's worker" for name in set(after) - set(before)]


def take_over(floor: Floor, twin: Twin, result: Result) -> None:
    """The workers go to the new primary: nothing is sent before a person has armed, then all ends."""
    for name in list(floor.going):
        floor.kill(name)
    if floor.conn is not None:
        floor.conn.close()
    floor.conn, floor.server = None, twin
    sent = len(floor.broker.judge()["submits"])
    if floor.one(TRADES):
        result.violations.append("the promoted server may trade")
    if (told := begin(twin, floor)) is not None:
        result.violations.append(f"the promoted server granted a dispatch: {told}")
    floor.logins = {k: make_conninfo(u, port=twin.port) for k, u in floor.logins.items()}
    for name in ("broker_events", "snapshots", "gateway", "strategist", "deadman"):
        floor.start(name)
    floor.wait_for("it is halted", lambda: floor.status == "HALTED", HIT_SECONDS)
    if len(floor.broker.judge()["submits"]) != sent:
        result.violations.append("something was sent before anybody had armed the promoted server")
    floor.wait_for("the broker is heard and agrees", lambda: floor.one(OPEN), HIT_SECONDS)
    floor.finish(result)
    result.violations += find_violations(floor)
    result.counts["requests"] += floor.one(ENDED)


def begin(twin: Twin, floor: Floor) -> Any:
    """Force a dispatch behind the workers' back, with all that they would have; None if refused."""
    with twin.connect(floor.name) as conn:
        rows = conn.execute(PENDING).fetchall()
        for row in rows:
            try:
                now_at = datetime.now(UTC)
                conn.execute("begin")
                call(conn, "oms.claim_outbox", run_id=row["run_id"], worker_name="x", limit=1,
                     now_at=now_at)  # fmt: skip
                told = call(conn, "oms.begin_dispatch", **row, worker_name="x", now_at=now_at)
                if told[0]["is_granted"]:
                    return told
            except MqkError:
                pass
            finally:
                conn.execute("rollback")
    return None


def run_restores(server: Server, result: Result, number: int, points: int = 2) -> None:
    """Layer pitr: a base backup and the WAL after it, restored to random points, each judged."""
    random = Random(f"{result.seed}/{number}")
    floor = Floor(server, number, random.randrange(1000))
    base = server.cluster.dir / f"base-{number}"
    server.wal.mkdir()
    server.own(server.wal)
    try:
        floor.arm_it()
        copy_server(server, base)
        floor.trade(SLOW_MS)
        seen = trade(floor, random)
        for target in random.sample(seen, min(points, len(seen))):
            restore(floor, base, target, result)
    finally:
        floor.close()
        shutil.rmtree(server.wal)
        shutil.rmtree(base, ignore_errors=True)


def trade(floor: Floor, random: Random) -> list[str]:
    """Trade on for a while; gives WAL positions that were passed, all of them archived."""
    seen, deadline = [], time.monotonic() + 8
    while time.monotonic() < deadline:
        seen.append(str(floor.one("select pg_current_wal_insert_lsn()")))
        time.sleep(random.random() / 5)
    last = floor.one("select pg_walfile_name(pg_switch_wal())")
    archived = "select last_archived_wal >= %s from pg_stat_archiver"
    floor.wait_for("the archive is whole", lambda: floor.one(archived, last), HIT_SECONDS)
    return seen


def restore(floor: Floor, base: Path, target: str, result: Result) -> None:
    """Restore to one WAL position: every promise holds, and nothing may be sent."""
    server, data = floor.server, base.with_name(f"{base.name}-restored")
    subprocess.run(["cp", "-a", str(base), str(data)], check=True)
    (data / "recovery.signal").touch()
    server.own(data / "recovery.signal")
    flags = (f"restore_command=cp {server.wal}/%f %p", f"recovery_target_lsn={target}",
             "recovery_target_action=promote")  # fmt: skip
    twin, began = Twin(server, PORT, data, flags), time.monotonic()
    try:
        twin.start()
        with twin.connect(floor.name) as conn:
            while conn.execute("select pg_is_in_recovery() as yes").fetchone()["yes"]:
                if time.monotonic() > began + REST_SECONDS:
                    raise Late("the restored server does not open")
                time.sleep(0.05)
            result.time("restore", began)
            result.violations += [
                f"restored to {target}: {row['invariant']}: {row['first_one']}"
                for row in call(conn, "api.verify_all") if row["violations"]
            ]  # fmt: skip
            result.violations += [
                f"restored to {target}: the diary: {row['finding']}"
                for row in call(conn, "api.audit_verify") if row["finding"]
            ]  # fmt: skip
            if conn.execute(TRADES).fetchone()["count"]:
                result.violations.append(f"restored to {target}: it may trade")
            result.counts["attempts"] += conn.execute(ATTEMPTS).fetchone()["count"]
        if (told := begin(twin, floor)) is not None:
            result.violations.append(f"restored to {target}: it granted a dispatch: {told}")
        result.counts["restored"] += 1
    finally:
        twin.close()
