"""What is done to a desk that works: to its sessions, its server, its wires, its disk."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import psycopg

from chaos.floor import Floor, Result, harass
from chaos.server import Server, kill_postmaster, list_children

DISK = "700m"
BALLAST_SECONDS = 8.0
SMALL_WAL = ("min_wal_size=32MB", "max_wal_size=48MB")
SESSIONS = """
select pid, application_name as name from pg_stat_activity
 where datname = current_database() and application_name like 'mqk-%%'"""


def end_session(floor: Floor, random: Random, result: Result) -> None:
    """pg_terminate_backend on one of the workers' sessions, every few orders."""
    floor.progress(random.randint(1, 4), 3)
    if rows := floor.sql(SESSIONS):
        row = random.choice(sorted(rows, key=lambda r: str(r["name"])))
        floor.sql("select pg_terminate_backend(%s)", row["pid"])
        result.counts[f"ended {row['name'].removeprefix('mqk-')}"] += 1


def end_server(floor: Floor, random: Random, result: Result) -> None:
    """kill -9 of the whole tree after 1-120 ms (one time in four SIGQUIT, in eight an orderly stop)."""
    floor.progress(1, 2)
    for _ in range(random.choice((1, 1, 2))):  # the second one comes while it recovers
        time.sleep(random.randint(1, 120) / 1000)
        kind = random.choice(("kill -9",) * 5 + ("SIGQUIT",) * 2 + ("orderly",))
        if kind == "kill -9":
            kill_postmaster(floor.server.data)
            assert floor.server.process is not None
            floor.server.process.wait(10)
        else:
            floor.server.end(signal.SIGQUIT if kind == "SIGQUIT" else signal.SIGINT)
        began = time.monotonic()
        floor.server.mend()
        result.time("restart", began)
        result.counts[kind] += 1


def cut_wire(floor: Floor, random: Random, result: Result) -> None:
    """Lose a request, an answer, or every connection at once; answers may come byte by byte."""
    assert floor.proxy is not None
    floor.proxy.slices = random.choice((0, 0, 1, 7))
    floor.progress(random.randint(1, 3), 2)
    what = random.choice(("REQUEST", "ANSWER", "ANSWER", "everything"))
    floor.proxy.drop() if what == "everything" else floor.proxy.cut(what)
    result.counts[
        f"lost {what.lower()}, sliced" if floor.proxy.slices else f"lost {what.lower()}"
    ] += 1
    floor.progress(1, 1)


def fill_disk(floor: Floor, random: Random, result: Result) -> None:
    """Fill the server's disk until it says 53100 or falls, then free it."""
    floor.progress(random.randint(1, 3), 2)
    ballast = floor.server.home / "ballast"
    raw = "select io.keep_raw('chaos', '{}', 'text/plain', %s, %s)"
    deadline = time.monotonic() + BALLAST_SECONDS
    try:
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
            while file.write(bytes(1 << 16)):
                pass
        with floor.server.connect(floor.name) as conn:
            while time.monotonic() < deadline:
                conn.execute(raw, [os.urandom(4 << 20), datetime.now(UTC)])
    except psycopg.Error as error:
        result.counts["refused with 53100" if error.sqlstate == "53100" else "server fell"] += 1
    else:
        result.counts["not felt"] += 1
    finally:
        time.sleep(random.random())
        ballast.unlink()
    began = time.monotonic()
    floor.server.mend()
    floor.server.await_sessions()
    result.time("back", began)


def fail_fsync(floor: Floor, random: Random, result: Result) -> None:
    """Let the next fsync of every process of the server fail with EIO."""
    floor.progress(random.randint(1, 3), 2)
    assert floor.server.process is not None
    log = floor.server.home / "server.log"
    before = log.stat().st_size
    tree = [floor.server.process.pid, *list_children(floor.server.process.pid)]
    words = ["-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync"]
    words += ["-e", "inject=fsync,fdatasync:error=EIO:when=1"]
    strace = subprocess.Popen(["strace", *words, *(w for p in tree for w in ("-p", str(p)))])
    deadline = time.monotonic() + BALLAST_SECONDS
    while time.monotonic() < deadline and b"PANIC" not in log.read_bytes()[before:]:
        time.sleep(0.05)
    result.counts["PANIC" if b"PANIC" in log.read_bytes()[before:] else "not felt"] += 1
    began = time.monotonic()
    strace.terminate()
    strace.wait(10)
    floor.server.mend()
    floor.server.await_sessions()
    result.time("back", began)


@contextlib.contextmanager
def small_disk() -> Iterator[Path]:
    """A file system of its own in memory. Raises PermissionError where mounts are not allowed."""
    folder = Path(tempfile.mkdtemp(prefix="mqk-disk-"))
    try:
        words = ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=711", "tmpfs", str(folder)]
        if os.geteuid() or subprocess.run(words, capture_output=True, check=False).returncode:
            raise PermissionError("mounts are not allowed here (it needs root and CAP_SYS_ADMIN)")
        try:
            yield folder
        finally:
            subprocess.run(["umount", "-l", str(folder)], check=True)
    finally:
        folder.rmdir()


def run_backends(server: Server, result: Result, number: int, hits: int = 5) -> None:
    """Layer backends."""
    harass(server, result, number, hits, end_session)


def run_server(server: Server, result: Result, number: int, hits: int = 3) -> None:
    """Layer server."""
    harass(server, result, number, hits, end_server)


def run_network(server: Server, result: Result, number: int, hits: int = 5) -> None:
    """Layer network."""
    harass(server, result, number, hits, cut_wire, wires=True)


def run_disk(_: Server, result: Result, number: int, hits: int = 2) -> None:
    """Layer disk, on a server of its own."""
    try:
        with (
            tempfile.TemporaryDirectory() as desks,
            small_disk() as folder,
            Server(folder, SMALL_WAL) as small,
        ):
            small.desks = Path(desks)  # the broker has a disk of its own
            harass(small, result, number, hits, fill_disk)
    except PermissionError as no:
        result.skipped = str(no)


def run_fsync(server: Server, result: Result, number: int, hits: int = 2) -> None:
    """Layer fsync."""
    if not shutil.which("strace"):
        result.skipped = "strace is not installed"
        return
    harass(server, result, number, hits, fail_fsync)
