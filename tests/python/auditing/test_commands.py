"""Laws of mqk audit and of the anchor worker as people and cron start them: real processes, real logins."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit_kit import PUBLIC, SECRET, rewrite_chain, tampered
from kit import Desk
from mqk.auditing.export import export
from mqk.auditing.verifier import verify
from mqk.db import hold_still
from support import Database, group_url, worker_url

MQK = Path(sys.executable).with_name("mqk")


class Shell:
    """A machine with an anchor worker, and a person with a login of a group."""

    def __init__(self, db: Database, folder: Path) -> None:
        self.db, self.folder = db, folder
        self.env = {**os.environ, "MQK_ENGINE": "TEST", "MQK_ANCHOR_DIR": str(folder / "anchors"),
                    "MQK_HALT_DIR": str(folder / "halt")}  # fmt: skip

    def run(
        self, *words: str, group: str = "auditor", **env: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; a worker logs in as what it is."""
        is_worker = words[0] == "worker"
        url = (
            worker_url(self.db.url, words[1])
            if is_worker
            else group_url(self.db.url, f"mqk_{group}")
        )
        return subprocess.run([MQK, *words], env={**self.env, "MQK_DATABASE_URL": url, **env},
                              capture_output=True, text=True, check=False, timeout=60)  # fmt: skip


@pytest.fixture
def desk(db: Database) -> Iterator[Desk]:
    """A desk with a run that trades."""
    made = Desk(db.url, runtime={"clock": "VIRTUAL"})
    made.start()
    yield made
    made.conn.close()


@pytest.fixture
def shell(db: Database, tmp_path: Path) -> Shell:
    """A shell of an empty machine."""
    return Shell(db, tmp_path)


def test_a_worker_without_a_key_says_so_and_publishes_nothing(desk: Desk, shell: Shell) -> None:
    done = shell.run("worker", "anchor", "--once", MQK_ANCHOR_KEY="")
    assert done.returncode == 3
    assert "MQG67" in done.stderr and "MQK_ANCHOR_KEY is not set" in done.stderr
    assert not (shell.folder / "anchors").exists()


def test_from_the_key_to_the_verified_bundle(desk: Desk, shell: Shell) -> None:
    file = shell.folder / "key"
    made = shell.run("audit", "keygen", "--out", str(file), "--json")
    public, secret = json.loads(made.stdout)[0]["public_key"], file.read_text().strip()
    assert (file.stat().st_mode & 0o777, len(secret)) == (0o600, 64)
    assert secret not in made.stdout + made.stderr
    assert (
        shell.run("audit", "keygen", "--out", str(file)).returncode != 0
    )  # never over another key
    told = shell.run("worker", "anchor", "--once", MQK_ANCHOR_KEY=secret)
    assert told.returncode == 0, told.stderr
    assert secret not in told.stderr + told.stdout
    asked = shell.run("audit", "anchor", group="operator")
    assert asked.returncode == 0, asked.stderr
    assert shell.run("worker", "anchor", "--once", MQK_ANCHOR_KEY=secret).returncode == 0
    assert desk.one("select count(*) from audit.anchors where reason = 'ASKED'") == 1
    for words in (["--key", public], []):
        done = shell.run("audit", "verify", *words)
        assert done.returncode == 0, done.stderr
        assert "hold" in done.stderr
    out = shell.folder / "bundle"
    done = shell.run("audit", "export", "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert verify(out, [public]) == []
    lines = (out / "anchors.jsonl").read_text()
    files = sorted((shell.folder / "anchors").glob("*"))
    assert (
        "".join(f.read_text() for f in files) == lines
    )  # a lost anchor file comes back from a bundle
    done = shell.run("audit", "export", str(desk.run_id), "--out", str(shell.folder / "one"))
    assert done.returncode == 0, done.stderr
    assert verify(shell.folder / "one", [public]) == []
    assert len(list((shell.folder / "one" / "chains").iterdir())) == 2
    tables = desk.sql("select string_agg(e::text, '') as text from audit.events as e")[0]["text"]
    assert secret not in tables + lines


def test_verify_names_a_rewritten_chain_and_another_key_and_fails(desk: Desk, shell: Shell) -> None:
    shell.run("worker", "anchor", "--once", MQK_ANCHOR_KEY=SECRET)
    assert shell.run("audit", "verify", "--key", PUBLIC).returncode == 0
    done = shell.run("audit", "verify", "--key", "00" * 32)
    assert (done.returncode, "not one that you trust" in done.stderr) == (4, True)
    for change in ["set session_replication_role = replica",
                   *rewrite_chain(desk, desk.run_id, "payload = '{}'")]:  # fmt: skip
        desk.sql(change)
    desk.sql("reset session_replication_role")
    done = shell.run("audit", "verify")
    assert done.returncode == 4
    assert "the anchored event is another one" in done.stderr


def test_there_is_no_anchor_and_no_bundle_of_an_engine_that_is_not_there(
    desk: Desk, shell: Shell
) -> None:
    done = shell.run("audit", "anchor", "--engine", "NONE", group="operator")
    assert (done.returncode, "MQN01" in done.stderr) == (2, True)
    out = str(shell.folder / "b")
    done = shell.run("audit", "export", "00000000-0000-8000-a000-000000000000", "--out", out)
    assert (done.returncode, "MQN01" in done.stderr) == (2, True)


def test_a_bundle_is_of_one_moment(desk: Desk, db: Database, tmp_path: Path) -> None:
    append = "select audit.append_event(%s, 'RISK', 'NOTED', '{}', %s)"

    def call(door: str, **args: object) -> list[dict[str, object]]:
        rows = desk.call(door, **args)
        with db.connect() as other:
            other.execute(append, [desk.run_id, desk.now])
        return rows

    with hold_still(desk.conn):
        export(call, tmp_path / "b", "TEST", None)
    assert verify(tmp_path / "b") == []


def test_what_stands_after_a_head_is_exported_too(desk: Desk, tmp_path: Path) -> None:
    with tampered(desk, "update audit.chains set last_seq = last_seq - 1 where run_id is not null"):
        export(desk.call, tmp_path / "b", "TEST", None)
    assert {f.what for f in verify(tmp_path / "b")} == {"the head is not the last event"}
