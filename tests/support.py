"""The tests' database server: one a session, deployed once into a template, cloned for each test.

The server is a throw-away one of ours, or the one of MQK_DATABASE_URL, PGHOST or PGSERVICE (its
user must be a superuser there). The workers of xdist find the controller's by MQK_TEST_URL.
"""

from __future__ import annotations

import itertools
import os
import pty
import shutil
import subprocess
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import dict_row
from pytest_postgresql.janitor import DatabaseJanitor

from mqk import deployer
from mqk.binaries import find_binaries
from mqk.embedded import Cluster, database_url
from mqk.errors import MqkError
from mqk.workers import ROLES

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
NO_SERVER = """the server that MQK_DATABASE_URL names cannot be reached: no test of the database can run.
Start it and name a superuser, or unset the variable (and PGHOST, PGSERVICE): one is then started here"""
NO_PGTAP = """pgTAP is missing, so the database's own tests cannot run. Any of these brings it:
    ./dev setup                              (where there is apt-get; needs no root)
    apt-get install postgresql-15-pgtap      (the number of your server)
Or leave them out, and know that you did: ./dev test --without-pgtap"""


class Server:
    """The server of this session; started when the first test asks for a database."""

    def __init__(self) -> None:
        self.cluster: Cluster | None = None
        self.made_template = ""
        self.failure: MqkError | None = None
        self._numbers = itertools.count()

    @cached_property
    def url(self) -> str:
        """Where the server is, as a superuser."""
        if given := os.environ.get("MQK_TEST_URL"):
            return given
        url = database_url()
        if url is None:
            self.cluster = Cluster(f"test-{os.getpid()}", durable=False).start()
            self.cluster.sweep()
            url = self.cluster.url()
        return url

    @property
    def template(self) -> str:
        """Name of the template database; made when first asked for, and if that fails, once."""
        if given := os.environ.get("MQK_TEST_TEMPLATE"):
            return given
        if self.failure:
            raise self.failure
        self.made_template = f"mqk_test_{os.getpid()}"
        try:
            self._make_template()
        except MqkError as failure:
            self.failure = failure
            raise
        except psycopg.OperationalError as no:
            self.made_template = ""
            self.failure = MqkError("08006", NO_SERVER, str(no).strip())
            raise self.failure from no
        os.environ.update(MQK_TEST_URL=self.url, MQK_TEST_TEMPLATE=self.made_template)
        return self.made_template

    @cached_property
    def has_pgtap(self) -> bool:
        """Whether the template has pgTAP in its schema tap."""
        found = "select exists (select from pg_proc where proname = 'plan' and pronamespace = %s)"
        with self.clone() as db, db.connect() as conn:
            tap = conn.execute("select to_regnamespace('tap')::oid as tap").fetchone()["tap"]
            return bool(conn.execute(found, [tap]).fetchone()["exists"])

    @contextmanager
    def clone(self) -> Iterator[Database]:
        """A fresh copy of the template, dropped at the end."""
        janitor = self._janitor(f"{self.template}_{os.getpid()}_{next(self._numbers)}")
        janitor.template_dbname = self.template
        janitor.init()
        try:
            yield Database(self.url, janitor.dbname)
        finally:
            janitor.drop()

    @contextmanager
    def empty(self) -> Iterator[Database]:
        """An empty database, dropped at the end."""
        janitor = self._janitor(f"mqk_empty_{os.getpid()}_{next(self._numbers)}")
        janitor.init()
        try:
            yield Database(self.url, janitor.dbname)
        finally:
            janitor.drop()

    @contextmanager
    def other_collation(self) -> Iterator[Database]:
        """A deployed database that lives by another clock and sorts, where the server can, as the Danes
        do (AA last), else by the first locale that is not C.
        """
        name = f"mqk_danish_{os.getpid()}_{next(self._numbers)}"
        danish = "locale_provider icu icu_locale 'da-DK'"
        other = (
            "select collcollate from pg_collation"
            " where collencoding = 6 and collcollate like '%.%' order by collname desc"
        )
        with psycopg.connect(self.url, autocommit=True) as conn:
            create = f"create database {name} template template0 encoding 'UTF8'"
            try:
                conn.execute(f"{create} {danish}")
            except psycopg.errors.FeatureNotSupported:
                found = conn.execute(other).fetchone()
                assert found is not None
                conn.execute(f"{create} lc_collate '{found[0]}' lc_ctype '{found[0]}'")
            conn.execute(f"alter database {name} set timezone = 'Asia/Kolkata'")
        try:
            deployer.deploy(Database(self.url, name).url, ROOT)
            yield Database(self.url, name)
        finally:
            self._janitor(name).drop()

    def close(self) -> None:
        """Leave nothing behind: the template, the server if it is ours, the names of both."""
        if self.cluster:
            self.cluster.stop(remove=True)
        elif self.made_template:
            self._janitor(self.made_template, as_template=True).drop()
        if self.made_template:
            os.environ.pop("MQK_TEST_URL", None)
            os.environ.pop("MQK_TEST_TEMPLATE", None)

    def _make_template(self) -> None:
        janitor = self._janitor(self.made_template, as_template=True)
        janitor.drop()  # left by a process of the same number that was killed
        janitor.init()
        db = Database(self.url, self.made_template)
        deployer.deploy(db.url, ROOT)
        with db.connect() as conn:
            _load_pgtap(conn)
        with psycopg.connect(self.url, autocommit=True) as conn:
            conn.execute(f"alter database {self.made_template} allow_connections false")

    def _janitor(self, name: str, *, as_template: bool = False) -> DatabaseJanitor:
        with psycopg.connect(self.url) as conn:
            there = conn.info
            return DatabaseJanitor(
                user=there.user,
                host=there.host,
                port=there.port,
                password=there.password,
                dbname=name,
                as_template=as_template,
            )


class Database:
    """One database of the session's server."""

    def __init__(self, server_url: str, name: str) -> None:
        self.name = name
        self.url = make_conninfo(server_url, dbname=name)

    def connect(self, user: str | None = None, **options: Any) -> psycopg.Connection[Any]:
        """A session in autocommit that gives rows as dicts; as another login if user is given."""
        url = make_conninfo(self.url, user=user) if user else self.url
        options.setdefault("options", "-c lock_timeout=20s")  # a deadlocked test fails, not hangs
        return psycopg.connect(url, autocommit=True, row_factory=dict_row, **options)

    def login_url(self, group: str) -> str:
        """Where a login of this group, and of no other, finds this database."""
        self.create_login(f"test_{group}", group)
        return make_conninfo(self.url, user=f"test_{group}")

    def create_login(self, login: str, group: str) -> None:
        """A login in the group; roles belong to the server, so a name stays for the session."""
        with self.connect() as conn:
            try:
                conn.execute(f'create role "{login}" login in role "{group}"')
            except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
                conn.execute(f'grant "{group}" to "{login}"')

    def psql(self, file: Path) -> subprocess.CompletedProcess[str]:
        """Run a pgTAP script as psql does, with \\ir, \\set and all."""
        command = [find_psql(), "-XqAt", "-P", "pager=off", "-v", "ON_ERROR_STOP=1"]
        env = {**os.environ, "PGOPTIONS": "-c search_path=tap,public"}
        return subprocess.run(
            [*command, "-d", self.url, "-f", str(file)],
            capture_output=True, text=True, env=env, cwd=ROOT, check=False,
        )  # fmt: skip


def allow_short_days(url: str) -> None:
    """Let a market of this database have days of seconds, so that a test need not wait for real ones."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(
            "alter table ref.sessions drop constraint sessions_open_and_close_on_their_day"
        )


def group_url(url: str, group: str) -> str:
    """Where a member of a group, and of nothing else, logs in."""
    return Database(url, str(conninfo_to_dict(url)["dbname"])).login_url(group)


def worker_url(url: str, worker: str) -> str:
    """Where a worker logs in: as a member of its group and of nothing else."""
    return group_url(url, f"mqk_{ROLES[worker]}")


def find_psql() -> str:
    """psql of the server programs, else the one on the PATH."""
    try:
        beside = find_binaries() / "psql"
        return str(beside) if beside.exists() else shutil.which("psql") or "psql"
    except MqkError:
        return shutil.which("psql") or "psql"


def _load_pgtap(conn: psycopg.Connection[Any]) -> None:
    """pgTAP into the schema tap, from the file of any version, or as the server's extension."""
    conn.execute("create schema tap")
    conn.execute("grant usage on schema tap to public")
    folders = [ROOT / ".tool/deb/usr/share/postgresql", Path("/usr/share/postgresql")]
    files = [file for folder in folders for file in folder.glob("*/extension/pgtap.sql")]
    if files:
        conn.execute("set client_min_messages = warning")
        conn.execute("set search_path = tap")
        conn.execute(files[0].read_bytes())
    elif conn.execute("select from pg_available_extensions where name = 'pgtap'").rowcount:
        conn.execute("create extension pgtap schema tap")


SERVER = Server()


def open_terminal() -> tuple[int, int]:
    """The two ends of a pseudo terminal; skips where the machine has none to give."""
    try:
        return pty.openpty()
    except OSError as error:
        pytest.skip(f"no pseudo terminal here: {error}")
