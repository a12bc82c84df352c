"""Laws of refusals at the command line: the law, the values, the fix, and an exit code that a script
can act on; never a traceback, nothing half-written.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from psycopg.conninfo import make_conninfo

from mqk.cli.main import main

NOBODY = "00000000-0000-0000-0000-000000000000"
HEADER = "symbol,timeframe,session_on,open,high,low,close,volume"


@pytest.fixture
def mqk(db: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Run a command on this test's database, in an empty folder."""
    monkeypatch.setenv("MQK_DATABASE_URL", db.url)
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> Result:
        done = CliRunner().invoke(main, list(words))
        assert "Traceback" not in done.output
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done

    return run


BY_RUN = [
    ("run", "preflight", NOBODY),
    ("run", "show", NOBODY),
    ("run", "arm", NOBODY, "--confirm", "x"),
    ("run", "begin", NOBODY),
    ("run", "stop", NOBODY, "--reason", "x"),
    ("run", "halt", NOBODY, "--reason", "x"),
    ("run", "flatten", NOBODY, "--reason", "x"),
    ("run", "clear-halted", NOBODY, "--reason", "x"),
    ("run", "approve", NOBODY, "--confirm", "x"),
    ("why", NOBODY),
    ("status", NOBODY),
    ("explain", "nobody"),
    ("report", "show", NOBODY),
    ("report", "export", NOBODY),
    ("risk", "show", NOBODY),
    ("risk", "decisions", NOBODY),
    ("risk", "trips", NOBODY),
    ("risk", "clear-day-trader", NOBODY, "--reason", "x"),
    ("orders", "list", NOBODY),
    ("orders", "fills", NOBODY),
    ("position", "list", NOBODY),
    ("position", "trades", NOBODY),
    ("recon", "list", NOBODY),
    ("recon", "drifts", NOBODY),
    ("recon", "refusals", NOBODY),
    ("recon", "verify", NOBODY),
    ("audit", "tail", NOBODY),
]


@pytest.mark.parametrize("words", BY_RUN, ids=lambda w: " ".join(w[:2]))
def test_what_is_not_there_is_said_with_exit_2(
    mqk: Any, words: tuple[str, ...], tmp_path: Path
) -> None:
    done = mqk(*words)
    assert done.exit_code == 2, done.output
    assert "MQN" in done.output
    assert "fix:" in done.output
    assert list(tmp_path.iterdir()) == []


def test_an_error_as_json_has_its_code_law_detail_and_fix(mqk: Any) -> None:
    done = mqk("run", "show", NOBODY, "--json")
    error = json.loads(done.stderr)
    assert error["error"] == "MQN02"
    assert error["detail"] == NOBODY
    assert error["law"] and error["fix"]
    assert done.stdout == ""


@pytest.mark.parametrize("words", [("run", "list"), ("verify",), ("worker", "gateway", "--once")])
def test_a_closed_database_is_exit_75(
    mqk: Any, words: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MQK_DATABASE_URL", "postgresql://127.0.0.1:1/none?connect_timeout=2")
    done = mqk(*words)
    assert done.exit_code == 75
    assert "MQK_DATABASE_URL" in done.output


def test_a_database_that_is_not_deployed_says_so(
    mqk: Any, empty_db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MQK_DATABASE_URL", empty_db.url)
    done = mqk("run", "list")
    assert done.exit_code == 2
    assert "mqk db deploy" in done.output


def test_a_login_without_the_right_is_refused_with_exit_3(
    mqk: Any, db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    db.create_login("test_reader", "mqk_readonly")
    monkeypatch.setenv("MQK_DATABASE_URL", make_conninfo(db.url, user="test_reader"))
    assert mqk("run", "list").exit_code == 0
    done = mqk("run", "halt", NOBODY, "--reason", "x")
    assert done.exit_code == 3
    assert "permission denied" in done.output


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (f"{HEADER}\nAAA,1D,2024-01-02,1,1,1\n", "MQA24", "line 2: 6 fields"),
        (f"{HEADER}\nZZZ,1D,2024-01-02,1,1,1,1,1\n", "MQA09", "line 2 SYMBOL_UNKNOWN"),
        ("date,open\n2024-01-02,1\n", "MQA23", "date,open"),
        ("", "MQA23", "found ''"),
    ],
)
def test_a_broken_bar_file_is_refused_and_leaves_nothing(
    mqk: Any, conn: Any, tmp_path: Path, text: str, code: str, said: str
) -> None:
    (tmp_path / "bars.csv").write_text(text)
    done = mqk("md", "ingest", "bars.csv")
    assert done.exit_code == 2
    assert code in done.output
    assert said in done.output
    left = "select (select count(*) from md.ingests) + (select count(*) from md.bars) as n"
    assert conn.execute(left).fetchone()["n"] == 0


@pytest.mark.parametrize(
    ("yaml", "said"),
    [
        ("risk: {max_order_qty: -1}", "risk.max_order_qty"),
        ("risk: {daily_loss_limit: 0}", "risk.daily_loss_limit"),
        ("risk: {daily_loss_limit: .nan}", "nan"),
        ("risk: {surprise: 1}", "surprise"),
        ("risk: {max_order_qty: 1, max_order_qty: 2}", "max_order_qty"),
        ("strategy: {symbols: [ZZZ]}", "ZZZ"),
        ("engine: {mode: LOUD}", "LOUD"),
        ("strategy: {symbols: []}", "symbols"),
        ("- a list", "own.yaml"),
        ("a: *b", "own.yaml"),
        ("\x00", "own.yaml"),
    ],
)
def test_a_bad_config_creates_no_run(
    mqk: Any, conn: Any, tmp_path: Path, yaml: str, said: str
) -> None:
    (tmp_path / "own.yaml").write_text(yaml)
    done = mqk("run", "create", "--config", "own.yaml")
    assert done.exit_code == 2, done.output
    assert said in done.output
    assert conn.execute("select count(*) as n from run.runs").fetchone()["n"] == 0


def test_a_config_file_that_is_not_there_is_exit_2(mqk: Any) -> None:
    done = mqk("run", "create", "--config", "nowhere.yaml")
    assert done.exit_code == 2
    assert "nowhere.yaml" in done.output


@pytest.mark.parametrize("words", [("run", "list"), ("md", "status"), ("audit", "actions")])
def test_nothing_to_show_is_a_success_and_an_empty_list(mqk: Any, words: Any) -> None:
    assert mqk(*words).exit_code == 0
    assert json.loads(mqk(*words, "--json").stdout) == []


def test_a_word_that_is_no_run_id_is_exit_2(mqk: Any) -> None:
    assert mqk("run", "show", "latest").exit_code == 2


@pytest.mark.parametrize("words", [("run", "list"), ("db", "errors")])
def test_an_output_that_takes_nothing_is_told_without_a_traceback(
    mqk: Any, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("mqk.cli.common.Session.print", full)
    done = mqk(*words)
    assert (done.exit_code, "No space left" in done.output) == (4, True)
