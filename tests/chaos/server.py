"""A durable server of a campaign's own, started as our child so that kill -9 is only the beginning."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

from mqk import deployer
from mqk.embedded import Cluster
from support import ROOT

TEMPLATE = "chaos_template"
FLAGS = (
    "listen_addresses=",
    "max_connections=80",
    "timezone=UTC",
    "log_timezone=UTC",
    "wal_writer_delay=10s",  # what nobody asked to be on disk is lost with the postmaster
)
START_SECONDS = 30.0


def list_children(parent: int) -> list[int]:
    """The processes whose parent is `parent`."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError):
            after_name = stat.read_text().rsplit(")", 1)[1].split()
            if int(after_name[1]) == parent:
                found.append(int(stat.parent.name))
    return found


def kill_postmaster(data: Path) -> None:
    """kill -9 of the postmaster and of all its children."""
    postmaster = int((data / "postmaster.pid").read_text().splitlines()[0])
    for pid in [postmaster, *list_children(postmaster)]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


class Server:
    """One cluster with fsync on, with a deployed template; gone, files and all, after `with`."""

    port = 5432

    def __init__(self, home: Path | None = None, flags: tuple[str, ...] = ()) -> None:
        self.home = home or Path(tempfile.mkdtemp(prefix="mqk-chaos-"))
        self.desks = self.home  # where the files of desks are kept
        self.wal = self.home / "wal"  # the archive, once it is there
        keep = f"archive_command=test ! -d {self.wal} || cp %p {self.wal}/%f"
        self.flags = (*FLAGS, "archive_mode=on", keep, *flags)
        self.home.chmod(0o711)
        self.process: subprocess.Popen[bytes] | None = None
        self.restarts = 0
        before = os.environ.get("MQK_HOME")
        os.environ["MQK_HOME"] = str(self.home)
        try:
            self.cluster = Cluster("chaos", durable=True)
            self.cluster.start()
            self.cluster.stop()
        except BaseException:
            shutil.rmtree(self.home, ignore_errors=True)
            raise
        finally:
            os.environ.pop("MQK_HOME") if before is None else os.environ.update(MQK_HOME=before)
        self.data = self.cluster.dir / "data"

    @property
    def socket(self) -> str:
        """The unix socket."""
        return f"{self.cluster.socket}/.s.PGSQL.{self.port}"

    def __enter__(self) -> Server:
        try:
            self.start()
            with self.connect("postgres") as conn:
                conn.execute(f"create database {TEMPLATE}")
            deployer.deploy(self.url(TEMPLATE), ROOT)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def url(self, name: str) -> str:
        """libpq URL of a database, as its superuser."""
        return make_conninfo(self.cluster.url(), dbname=name, port=self.port)

    def connect(self, name: str, **options: Any) -> psycopg.Connection[Any]:
        """A superuser's session in autocommit that gives rows as dicts."""
        return psycopg.connect(
            self.url(name), autocommit=True, row_factory=dict_row, connect_timeout=5, **options
        )

    def start(self) -> None:
        """Start postgres as our child and wait until it takes sessions."""
        words = [str(self.cluster.bin / "postgres"), "-D", str(self.data)]
        words += ["-k", str(self.cluster.socket), "-p", str(self.port)]
        words += [word for flag in self.flags for word in ("-c", flag)]
        env = {"PATH": os.defpath, "LC_ALL": "C", "HOME": "/", "TZ": "UTC"}
        with (self.home / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                words,
                cwd="/",
                env=env,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the campaign
                **self.cluster.user,
            )
        self.await_sessions()

    def await_sessions(self) -> None:
        """Wait until it takes sessions: it may start, or recover from the death of a child."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.connect("postgres").close()
                return
            except psycopg.Error:
                ended = self.process is None or self.process.poll() is not None
                if ended or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def mend(self) -> bool:
        """Start the server again if somebody has killed it; True if so."""
        if self.process is None or self.process.poll() is None:
            return False
        self.restarts += 1
        deadline = time.monotonic() + START_SECONDS
        while True:  # the dead one's children may still hold its shared memory
            try:
                self.start()
                return True
            except psycopg.Error:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def own(self, path: Path) -> Path:
        """Give a path of ours to the server's user."""
        if user := self.cluster.user:
            os.chown(path, user["user"], user["group"])
        return path

    def end(self, number: signal.Signals) -> None:
        """Ask the postmaster to end: SIGINT orderly, SIGQUIT at once; wait for it."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(number)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            kill_postmaster(self.data)
            self.process.wait(10)

    def run(self, program: str, *words: str | Path) -> None:
        """Run one of the server's programs, as the server's user. Raises CalledProcessError."""
        subprocess.run(
            [str(self.cluster.bin / program), *map(str, words)],
            cwd="/", env={"PATH": os.defpath, "LC_ALL": "C", "HOME": "/", "TZ": "UTC"},
            capture_output=True, check=True, **self.cluster.user,
        )  # fmt: skip

    def clone(self, name: str) -> None:
        """A fresh database out of the template."""
        with self.connect("postgres") as conn:
            conn.execute(f"create database {name} template {TEMPLATE}")

    def drop(self, name: str) -> None:
        """Drop a database and end its sessions."""
        self.mend()
        with self.connect("postgres") as conn:
            conn.execute(f"drop database if exists {name} with (force)")

    def close(self) -> None:
        """Leave nothing behind."""
        self.end(signal.SIGQUIT)
        self.cluster.stop(remove=True)
        shutil.rmtree(self.home, ignore_errors=True)
        if self.cluster.home != self.home:
            shutil.rmtree(self.cluster.home, ignore_errors=True)


class Twin(Server):
    """A server on a copy of another one's files: a standby, or a backup that is restored."""

    def __init__(self, origin: Server, port: int, data: Path, flags: tuple[str, ...] = ()) -> None:
        self.home, self.cluster, self.process = origin.home, origin.cluster, None
        self.port, self.data, self.flags, self.restarts = port, data, (*FLAGS, *flags), 0
        self.wal = origin.wal

    def __enter__(self) -> Twin:
        self.start()
        return self

    def close(self) -> None:
        """End it and remove its files; the origin stays."""
        self.end(signal.SIGQUIT)
        shutil.rmtree(self.data, ignore_errors=True)
