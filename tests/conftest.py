"""One server a session, one clone a test; every tests/pgtap/**/*.sql is a test of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from mqk.embedded import database_url
from mqk.errors import MqkError
from support import NO_PGTAP, ROOT, SERVER, Database

PGTAP = ROOT / "tests" / "pgtap"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--without-pgtap", action="store_true", help="leave out tests/pgtap")


def pytest_report_header() -> str:
    return f"database: {'the server you named' if database_url() else 'a server of our own'}"


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if config.option.without_pgtap:
        terminalreporter.write_line("the database's own tests (pgTAP) were left out", yellow=True)


def pytest_configure(config: pytest.Config) -> None:
    controller = not hasattr(config, "workerinput")
    if controller and getattr(config.option, "numprocesses", None):
        try:
            _ = SERVER.template  # the workers inherit it
        except MqkError as no:
            pytest.exit(str(no), 1)


def pytest_unconfigure(config: pytest.Config) -> None:
    SERVER.close()


@pytest.fixture
def db() -> Iterator[Database]:
    """A database of this test's own, deployed and otherwise empty."""
    with SERVER.clone() as database:
        yield database


@pytest.fixture
def empty_db() -> Iterator[Database]:
    """A database of this test's own in which nothing is deployed."""
    with SERVER.empty() as database:
        yield database


@pytest.fixture
def other_empty_db() -> Iterator[Database]:
    """A second one, to compare with."""
    with SERVER.empty() as database:
        yield database


@pytest.fixture
def conn(db: Database) -> Iterator[psycopg.Connection[Any]]:
    """A superuser's session in db."""
    with db.connect() as connection:
        yield connection


def pytest_collect_file(parent: pytest.Collector, file_path: Path) -> pytest.Collector | None:
    is_test = file_path.suffix == ".sql" and not file_path.name.startswith("_")
    if is_test and file_path.is_relative_to(PGTAP) and not parent.config.option.without_pgtap:
        return TapFile.from_parent(parent, path=file_path)
    return None


class TapFile(pytest.File):
    """A pgTAP script."""

    def collect(self) -> Iterator[pytest.Item]:
        yield TapItem.from_parent(self, name=self.path.stem)


class TapFailure(Exception):
    """What psql said."""


class TapItem(pytest.Item):
    """Passes if psql succeeds, the plan is kept and no assertion fails."""

    def runtest(self) -> None:
        if not SERVER.has_pgtap:
            raise TapFailure(NO_PGTAP)
        with SERVER.clone() as database:
            done = database.psql(self.path)
        lines = done.stdout.splitlines()
        plans = [line for line in lines if line.startswith("1..")]
        results = [line for line in lines if line.startswith(("ok ", "not ok "))]
        failed = [line for line in results if line.startswith("not ok") and "# TODO" not in line]
        kept = len(plans) == 1 and plans[0].split()[0] == f"1..{len(results)}"
        if done.returncode or failed or not kept:
            why = f"{len(failed)} failed, plan {plans or 'missing'}, {len(results)} results"
            said = [line for line in lines if not line.startswith("ok ")]
            text = "\n".join([f"{why}, psql exit {done.returncode}", *said, done.stderr])
            raise TapFailure(text)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, TapFailure):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, str(self.path.relative_to(ROOT))
