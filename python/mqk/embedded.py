"""A private PostgreSQL server for the demo, for development and for the tests.

Any Linux user can start one, root included; nothing outside the run folder is changed. The server
listens on a unix socket only, in a folder that nobody else can enter. Whoever has a server of his
own sets MQK_DATABASE_URL (or PGHOST, PGSERVICE) and this file is not used at all.

    MQK_HOME    run folder, instead of .mqk in the checkout (or in the home directory)
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from mqk.binaries import can_enter, copy_binaries, find_binaries, find_server_user, read_major
from mqk.errors import MqkError

SOCKET_PATH_LIMIT = 85  # bytes; the kernel allows 108, the socket's own name takes the rest
MEMORY_NEEDED = 2**30  # bytes free in /dev/shm before a throw-away cluster goes there
NAMES = ("listen_addresses=''", "max_connections=60", "timezone=UTC", "log_timezone=UTC")
SETTINGS = (*NAMES, "autovacuum_naptime=5s")  # a new desk needs statistics before a minute is over
FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")


def database_url() -> str | None:
    """The server the user named in MQK_DATABASE_URL, PGSERVICE or PGHOST; None: use ours."""
    if url := os.environ.get("MQK_DATABASE_URL"):
        return url
    if service := os.environ.get("PGSERVICE"):
        return f"postgresql:///?service={quote(service, safe='')}"
    if os.environ.get("PGHOST") or os.environ.get("PGHOSTADDR"):
        return f"postgresql:///{quote(os.environ.get('PGDATABASE', 'mqk'), safe='')}"
    return None


def find_checkout() -> Path | None:
    """The source checkout this package runs from, or None when it is installed from a wheel."""
    top = Path(__file__).resolve().parents[2]
    return top if (top / "pyproject.toml").is_file() and (top / "python/mqk").is_dir() else None


def own_folder(path: Path, mode: int, *owners: int) -> Path:
    """Make the folder, or take it if it is a real folder of ours or of another owner given.

    Raises: MQG90 if it is somebody else's, a link, or cannot be made.
    """
    fix = "remove it, or set MQK_HOME to a folder of your own"
    try:
        path.mkdir(parents=True, exist_ok=True)
        found = path.lstat()
        if path.is_symlink() or found.st_uid not in (os.geteuid(), *owners):
            why = f"{path} is a link or belongs to user {found.st_uid}"
            raise MqkError("MQG90", "a run folder must be ours", why, fix)
        path.chmod(mode)
    except OSError as no:
        raise MqkError("MQG90", "a run folder must be ours", f"{path}: {no.strerror}", fix) from no
    return path


class Cluster:
    """One server under one name. A durable one keeps its data; the other lives in memory."""

    def __init__(self, name: str = "demo", *, durable: bool = True) -> None:
        self.name = name
        self.durable = durable
        self.locale: tuple[str, ...] = ("-EUTF8", "--no-locale")
        self.settings = SETTINGS if durable else (*SETTINGS, *FORGETFUL)
        self.user = find_server_user()
        self.installed = find_binaries()
        self.major = read_major(self.installed)
        self._lock: int | None = None

    @cached_property
    def home(self) -> Path:
        """Folder of the durable files: .mqk, or one in /var/tmp if the server cannot enter that."""
        home = Path(os.environ.get("MQK_HOME") or (find_checkout() or Path.home()) / ".mqk")
        home = home.absolute()
        if self.user and not can_enter(home, self.user):
            tag = hashlib.sha256(os.fsencode(home)).hexdigest()[:8]
            home = own_folder(Path("/var/tmp/mqk-0"), 0o711) / tag
        return own_folder(home, self._passable)

    @cached_property
    def dir(self) -> Path:
        """Folder of this cluster alone: data, log and, unless its path is too long, the socket."""
        memory, base = Path("/dev/shm"), self.home
        if not self.durable and os.access(memory, os.W_OK):
            ours = memory / f"mqk-{os.geteuid()}"
            if shutil.disk_usage(memory).free > MEMORY_NEEDED:
                base = own_folder(ours, self._passable)
        return base / f"{self.name}-{self.major}"

    @cached_property
    def bin(self) -> Path:
        """Folder of initdb, pg_ctl, postgres and psql, where the server's user can run them."""
        if self.user and not can_enter(self.installed, self.user):
            return copy_binaries(self.installed, self.home)
        return self.installed

    @cached_property
    def socket(self) -> Path:
        """Folder of the unix socket."""
        if len(os.fsencode(self.dir)) <= SOCKET_PATH_LIMIT:
            return self.dir
        tag = hashlib.sha256(os.fsencode(self.dir)).hexdigest()[:8]
        return Path(f"/tmp/mqk-{os.geteuid()}-{tag}")

    def start(self) -> Cluster:
        """Create the cluster if it is new, start it if it is down; the same call twice is fine.

        A throw-away cluster stays locked until stop(), so that sweep() leaves it alone.
        Raises: MQS90 with the server's log if it does not start; MQG90, MQN90.
        """
        self._take_lock()
        try:
            for folder in {self.dir, self.socket}:
                own_folder(folder, 0o700, self.user.get("user", os.geteuid()))
                if self.user:
                    os.chown(folder, self.user["user"], self.user["group"])
            self._start_server()
        finally:
            if self.durable:
                self._drop_lock()
        return self

    def running(self) -> bool:
        """Whether the server is up."""
        data = self.dir / "data"
        return (data / "postmaster.pid").exists() and self._pg(
            "pg_ctl", "status", "-D", data
        ).returncode == 0

    def stop(self, *, remove: bool = False) -> None:
        """Stop the server if it is up; remove=True deletes its files too."""
        if self.running():
            how = "fast" if self.durable else "immediate"
            self._must("pg_ctl", "stop", "-s", "-m", how, "-D", self.dir / "data")
        if remove:
            shutil.rmtree(self.socket, ignore_errors=True)
            shutil.rmtree(self.dir, ignore_errors=True)
            self._lock_file.unlink(missing_ok=True)
        self._drop_lock()

    def sweep(self) -> list[str]:
        """Stop and remove throw-away clusters beside this one whose makers died; their names."""
        gone = []
        for lock in sorted(self.dir.parent.glob("test-*.lock")):
            other = Cluster(lock.stem, durable=False)
            other.dir, other.bin = lock.with_suffix(""), self.bin
            if other.dir != self.dir and other._take_lock(wait=False):
                other.stop(remove=True)
                gone.append(other.name)
        return gone

    def url(self, dbname: str = "postgres", user: str = "postgres") -> str:
        """libpq URL of one database of this server."""
        host = quote(str(self.socket), safe="")
        return (
            f"postgresql://{quote(user, safe='')}@/{quote(dbname, safe='')}?host={host}&port=5432"
        )

    def ensure_database(self, dbname: str) -> bool:
        """Create the database unless it is there; True if it is new."""
        with psycopg.connect(self.url(), autocommit=True) as conn:
            if conn.execute("select 1 from pg_database where datname = %s", [dbname]).fetchone():
                return False
            conn.execute(sql.SQL("create database {}").format(sql.Identifier(dbname)))
            return True

    def drop_database(self, dbname: str) -> None:
        """Drop the database if it is there, and end the sessions in it."""
        with psycopg.connect(self.url(), autocommit=True) as conn:
            drop = sql.SQL("drop database if exists {} with (force)")
            conn.execute(drop.format(sql.Identifier(dbname)))

    def create_login(self, login: str, group: str) -> None:
        """Make sure that the login exists and is a member of the group."""
        with psycopg.connect(self.url(), autocommit=True) as conn:
            make = "create role {0} login connection limit 20 in role {1}"
            if conn.execute("select 1 from pg_roles where rolname = %s", [login]).fetchone():
                make = "grant {1} to {0}"
            conn.execute(sql.SQL(make).format(sql.Identifier(login), sql.Identifier(group)))

    @property
    def _passable(self) -> int:
        """Mode of a folder above clusters: the server's user must get through, nobody may look."""
        return 0o711 if self.user else 0o700

    def _start_server(self) -> None:
        data = self.dir / "data"
        if not (data / "PG_VERSION").exists():
            flags = ["-Upostgres", "--auth=trust", "--auth-host=reject", *self.locale]
            unfinished = self.dir / "data.new"
            shutil.rmtree(unfinished, ignore_errors=True)
            self._must("initdb", "-D", unfinished, *flags, *([] if self.durable else ["--no-sync"]))
            unfinished.rename(data)
        if not self.running():
            options = " ".join([f"-k '{self.socket}'", *(f"-c {s}" for s in self.settings)])
            self._must("pg_ctl", "start", "-wsD", data, "-l", self.dir / "log", "-o", options)

    def _pg(self, program: str, *args: str | Path) -> subprocess.CompletedProcess[str]:
        env = {"PATH": os.defpath, "LC_ALL": "C", "HOME": "/", "TZ": "UTC"}
        return subprocess.run(
            [str(self.bin / program), *map(str, args)],
            cwd="/",
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            **self.user,
        )

    def _must(self, program: str, *args: str | Path) -> None:
        done = self._pg(program, *args)
        if done.returncode:
            log = self.dir / "log"
            tail = log.read_text(errors="replace")[-1500:] if log.exists() else ""
            said = f"{program} in {self.dir}: {done.stderr.strip()}\n{tail}".strip()
            fix = "read the server's log above, or set MQK_DATABASE_URL to a server of yours"
            raise MqkError("MQS90", "the local server must obey", said, fix)

    @property
    def _lock_file(self) -> Path:
        return self.dir.with_name(f"{self.dir.name}.lock")

    def _take_lock(self, *, wait: bool = True) -> bool:
        """Hold the cluster's lock file; the kernel frees it when we die, however we die."""
        handle = os.open(self._lock_file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            os.close(handle)
            return False
        self._lock = handle
        return True

    def _drop_lock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
