"""Laws of the halt file: it stops the workers of a machine when the database is away."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kit import GIVEN, Desk
from mqk import halting
from mqk.brokers import NotSent
from mqk.tick import Tick
from mqk.worker import Job, serve
from mqk.workers.gateway import dispatch
from support import worker_url

MQK = str(Path(sys.executable).with_name("mqk"))
NOBODY = "postgresql://nobody@127.0.0.1:1/nothing"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the desk's halt file would be."""
    monkeypatch.setenv("MQK_HALT_DIR", str(tmp_path / "halt"))
    return halting.halt_path("TEST")


@pytest.fixture
def desk(db: Any, file: Path) -> Iterator[Desk]:
    """A running desk whose signal handlers are given back."""
    before = {n: signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGINT)}
    made = Desk(db.url, strategy=GIVEN)
    made.start()
    yield made
    assert made.broken_promises() == []
    made.conn.close()
    for number, handler in before.items():
        signal.signal(number, handler)


def tick_once(db: Any) -> list[str]:
    """Let a worker have one tick, as cron would; give what it read in the halt file."""
    seen: list[str] = []

    def tick(t: Tick) -> int:
        seen.append(str(t.held))
        return 0

    url = db.login_url("mqk_recon")
    serve(Job("deadman", tick, "mqk_run", lambda _: None), url, "TEST", once=True, interval=60)
    return seen


def mqk(url: str, *words: Any) -> subprocess.CompletedProcess[str]:
    """A command of the engine TEST; a worker logs in as what it is."""
    url = worker_url(url, words[1]) if words[0] == "worker" else url
    env = {**os.environ, "MQK_DATABASE_URL": url, "MQK_ENGINE": "TEST"}
    command = [MQK, *map(str, words)]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def test_the_file_is_named_after_the_engine_in_the_folder_that_is_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("MQK_HALT_DIR", raising=False)
    monkeypatch.setenv("MQK_HOME", "/one")
    assert halting.halt_path("MAIN") == Path("/one/halt/MAIN")
    monkeypatch.setenv("MQK_HALT_DIR", "/other")
    assert halting.halt_path("MAIN") == Path("/other/MAIN")
    monkeypatch.delenv("MQK_HALT_DIR")
    monkeypatch.delenv("MQK_HOME")
    monkeypatch.setenv("HOME", "/home/me")
    assert halting.halt_path("MAIN") == Path("/home/me/.mqk/halt/MAIN")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no reason given"),
        (b" \n", "no reason given"),
        (b"fire\n", "fire"),
        (b"fire\nin the house", "fire in the house"),
        (b"a\0b", "a b"),
        (b"\xff", "�"),
        (b"x" * 5000, "x" * 400),
    ],
)
def test_any_text_is_a_reason(file: Path, content: bytes, reason: str) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    assert halting.read_halt(file) == reason


def test_no_file_is_no_halt(file: Path) -> None:
    assert halting.read_halt(file) is None
    assert halting.read_halt(file / "below") is None
    file.parent.mkdir()
    assert halting.read_halt(file) is None
    file.touch()
    assert halting.read_halt(file / "below a file") is None


def test_a_file_that_cannot_be_read_is_a_halt(file: Path) -> None:
    file.mkdir(parents=True)
    assert "cannot be read" in str(halting.read_halt(file))
    file.rmdir()
    file.symlink_to("nowhere")
    assert "broken link" in str(halting.read_halt(file))


def test_a_halt_file_is_written_whole_and_removed_once(file: Path) -> None:
    halting.write_file(file, "fire")
    halting.write_file(file, "more fire")
    assert [p.name for p in file.parent.iterdir()] == ["TEST"]
    assert file.stat().st_mode & 0o777 == 0o644
    assert halting.read_halt(file) == "more fire"
    assert halting.remove_file(file)
    assert not halting.remove_file(file)


def test_a_halt_file_is_written_whatever_its_reason_is(file: Path) -> None:
    halting.write_file(file, "caf\udce9")
    assert halting.read_halt(file) == "caf?"


def test_a_worker_reports_the_halt_file_before_its_tick(desk: Desk, db: Any, file: Path) -> None:
    assert tick_once(db) == ["None"]
    assert desk.status == "RUNNING"
    halting.write_file(file, "the feed is mad")
    assert tick_once(db) == ["the feed is mad"]
    assert desk.status == "HALTED"
    assert desk.halt_reason == "worker: halt file: the feed is mad"


def test_the_file_halts_again_until_a_person_removes_it(desk: Desk, db: Any, file: Path) -> None:
    halting.write_file(file, "fire")
    for _ in range(2):
        tick_once(db)
        assert desk.status == "HALTED"
        desk.act("run_clear_halted", run_id=desk.run_id, reason="without removing it")
    tick_once(db)
    assert desk.one("select count(*) from run.run_history where to_status = 'HALTED'") == 3
    halting.remove_file(file)
    desk.act("run_clear_halted", run_id=desk.run_id, reason="removed")
    tick_once(db)
    assert desk.status == "STOPPED"


def test_nothing_is_sent_while_the_halt_file_exists(desk: Desk, file: Path) -> None:
    desk.plan(2, AAA=10)
    gateway = desk.ticks["gateway"]
    gateway.halt_file = file
    claimed = desk.call("io.claim_outbox", **desk.lease("gateway"), worker_name=gateway.name,
                        limit=1, now_at=desk.now)  # fmt: skip
    halting.write_file(file, "fire")
    with pytest.raises(NotSent, match="halt file: fire"):
        gateway.refuse_while_held()
    dispatch(gateway, claimed[0]["outbox_id"])  # the file came between the claim and the submit
    assert desk.broker.orders() == []
    assert desk.one("select outbox_status from oms.outbox") == "PENDING"
    said = desk.sql("select reason from oms.outbox_history order by history_seq desc limit 1")
    assert "halt file: fire" in said[0]["reason"]
    gateway.report_halt_file()
    assert desk.status == "HALTED"


def test_while_the_halt_file_exists_no_cancel_is_tried_again_and_again(
    desk: Desk, file: Path
) -> None:
    desk.plan(2, AAA=10)
    desk.tick("gateway")
    gateway = desk.ticks["gateway"]
    gateway.halt_file = file
    halting.write_file(file, "fire")
    gateway.report_halt_file()
    tried = "select count(*) from oms.attempts where request_kind = 'CANCEL'"
    for _ in range(3):
        desk.tick("gateway")
        assert desk.one(tried) == 0
    assert (
        desk.one("select outbox_status from oms.outbox where request_kind = 'CANCEL'") == "PENDING"
    )
    halting.remove_file(file)
    desk.tick("gateway")
    assert desk.one(tried) == 1


def test_with_the_file_already_there_no_order_leaves_the_outbox(
    desk: Desk, db: Any, file: Path
) -> None:
    desk.plan(2, AAA=10)
    desk.ticks["gateway"].halt_file = file
    halting.write_file(file, "fire")
    tick_once(db)  # any worker of the machine
    desk.ticks["gateway"].report_halt_file()
    desk.tick("gateway")
    assert desk.one("select outbox_status from oms.outbox") == "PENDING"
    assert desk.broker.orders() == []


def test_a_halt_without_a_database_writes_the_file_and_says_so(file: Path) -> None:
    run_id = "00000000-0000-8000-a000-000000000001"
    done = mqk(NOBODY, "run", "halt", run_id, "--reason", "fire")
    assert done.returncode == 75
    assert str(file) in done.stderr and "not halted in the database" in done.stderr
    assert halting.read_halt(file) == "fire"


def test_a_halt_that_can_do_neither_says_so(file: Path) -> None:
    file.parent.write_text("a file where the folder should be")
    run_id = "00000000-0000-8000-a000-000000000001"
    done = mqk(NOBODY, "run", "halt", run_id, "--reason", "fire")
    assert done.returncode == 75
    assert "no halt file either" in done.stderr and "systemctl stop" in done.stderr


@pytest.mark.parametrize("engine", ["../TEST", "main", ""])
def test_no_halt_file_is_written_where_no_worker_looks(file: Path, engine: str) -> None:
    run_id = "00000000-0000-8000-a000-000000000001"
    done = mqk(NOBODY, "run", "halt", run_id, "--reason", "fire", "--engine", engine)
    assert done.returncode == 75 and "no halt file either" in done.stderr
    assert not file.parent.exists() or list(file.parent.iterdir()) == []


def test_a_halt_that_the_database_refuses_by_rule_writes_no_file(db: Any, file: Path) -> None:
    done = mqk(db.url, "run", "halt", "00000000-0000-8000-a000-000000000001", "--reason", "fire")
    assert done.returncode == 2 and "MQN02" in done.stderr
    assert not file.exists()


def test_a_halt_that_a_session_holds_up_writes_the_file(desk: Desk, db: Any, file: Path) -> None:
    with desk.conn.transaction():
        desk.sql("select from run.runs for share")
        done = mqk(db.url, "run", "halt", desk.run_id, "--reason", "x")
        holder = desk.conn.info.backend_pid
    assert done.returncode == 75
    assert f"may not end session {holder}" in done.stderr
    assert halting.read_halt(file) == "x"


def test_clearing_tells_the_database_first_and_removes_the_file(
    desk: Desk, db: Any, file: Path
) -> None:
    halting.write_file(file, "fire")  # and no worker has told the database yet
    done = mqk(db.url, "run", "clear-halted", desk.run_id, "--reason", "it was toast")
    assert done.returncode == 0, done.stderr
    assert f"removed the halt file {file} (fire)" in done.stderr
    assert not file.exists()
    assert desk.status == "STOPPED"
    assert desk.halt_reason == "halt file: fire"


def test_a_halt_that_ended_a_session_tells_whom(desk: Desk, db: Any) -> None:
    db.create_login("desk_evil_cli", "mqk_dispatch")
    evil = db.connect(user="desk_evil_cli")
    evil.execute("begin")
    ask = "select io.acquire_lease(%s, 'gateway', 'e', 'e', %s)"
    evil.execute(ask, [desk.run_id, desk.now])
    done = mqk(db.url, "run", "halt", desk.run_id, "--reason", "fire")
    evil.close()
    assert done.returncode == 0
    assert "ended session" in done.stderr and "desk_evil_cli" in done.stderr
