"""The way of a notice from end to end: real processes, the broker's and Discord's protocols over HTTP."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from discord_kit import TOKEN, Discord
from kit import ALPACA, GIVEN, KEY_NAME, SECRET_NAME, Desk
from mqk.errors import MqkError
from mqk.worker import serve
from mqk.workers import notifier
from simulator_kit import KEYS, Broker
from support import Database, worker_url

MQK = str(Path(sys.executable).with_name("mqk"))
WRONG = "this-is-not-the-secret-of-these-keys"
NEVER = 60.0


class Shell:
    """Commands and workers of one desk, told to use this Discord and this broker."""

    def __init__(self, db: Database, discord: Discord, folder: Path) -> None:
        self.discord = discord
        self.env = {**os.environ, **discord.env, "MQK_DATABASE_URL": db.url, "MQK_ENGINE": "TEST",
                    "MQK_HALT_DIR": str(folder / "halt")}  # fmt: skip

    def env_of(self, worker: str) -> dict[str, str]:
        """The environment of a worker."""
        url = worker_url(self.env["MQK_DATABASE_URL"], worker)
        return {**self.env, "MQK_DATABASE_URL": url}

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; a worker logs in as what it is."""
        env = self.env_of(words[1]) if words[0] == "worker" else self.env
        return subprocess.run(
            [MQK, *words], env=env, capture_output=True, text=True, check=False, timeout=60
        )


@pytest.fixture
def shell(db: Database, tmp_path: Path) -> Iterator[Shell]:
    """A shell beside a Discord of our own."""
    with Discord() as discord:
        yield Shell(db, discord, tmp_path)


def test_refused_keys_are_told_to_people(db: Database, shell: Shell, tmp_path: Path) -> None:
    broker = {**ALPACA, "account_id": "PA3TEST00001"}
    desk = Desk(db.url, strategy=GIVEN, broker=broker)
    with Broker(tmp_path / "ledger.jsonl") as venue:
        keys = {KEY_NAME: KEYS["APCA_API_KEY_ID"], SECRET_NAME: WRONG}
        shell.env.update({**keys, "APCA_API_BASE_URL": venue.url})
        gateway = shell.run("worker", "gateway", "--once")
    assert (gateway.returncode, desk.status) == (3, "HALTED"), gateway.stderr
    told = shell.run("worker", "notifier", "--once")
    assert told.returncode == 0, told.stderr
    text = shell.discord.posts("alerts")[0]["embeds"][0]["description"]
    assert "CRITICAL RUN_HALTED" in text
    assert "KEYS_REFUSED" in text
    everything = json.dumps(shell.discord.received) + told.stdout + told.stderr
    assert [
        secret for secret in (WRONG, TOKEN, KEYS["APCA_API_KEY_ID"]) if secret in everything
    ] == []
    listed = json.loads(shell.run("notices", "list", "--json").stdout)
    row = next(r for r in listed if (r["channel"], r["event_name"]) == ("ALERTS", "RUN_HALTED"))
    assert row["delivered_at"] is not None
    assert row["said"].startswith("message 0000")


def test_a_desk_without_a_webhook_is_told_on_standard_output(db: Database, shell: Shell) -> None:
    desk = Desk(db.url)
    desk.act("run_halt", run_id=desk.run_id, reason="fire")
    shell.env.update(dict.fromkeys(shell.discord.env, ""))
    lines = [
        json.loads(line) for line in shell.run("worker", "notifier", "--once").stdout.splitlines()
    ]
    assert (lines[0]["channel"], lines[0]["priority"], shell.discord.received) == ("ALERTS", 2, [])
    assert "fire" in lines[0]["body"]


def test_a_halt_wakes_the_notifier(db: Database, shell: Shell) -> None:
    desk = Desk(db.url)
    command = [MQK, "worker", "notifier", "--interval", str(NEVER)]
    with subprocess.Popen(
        command, env=shell.env_of("notifier"), stderr=subprocess.PIPE, text=True
    ) as process:
        wait_for(lambda: shell.discord.posts("c2"))  # it has told what was before, and waits
        began = time.monotonic()
        desk.act("run_halt", run_id=desk.run_id, reason="fire")
        wait_for(lambda: shell.discord.posts("alerts"))
        took = time.monotonic() - began
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert took < NEVER / 4


def wait_for(what: Any) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + 40
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_notifier_that_is_broken_halts_nothing(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(db.url, strategy=GIVEN)
    desk.start()

    def refuse(*_: Any, **__: Any) -> Any:
        raise MqkError("MQI01", "an invariant broke")

    monkeypatch.setattr(notifier, "call", refuse)
    before = {n: signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGINT)}
    try:
        with pytest.raises(MqkError, match="MQI01"):
            serve(notifier.JOB, db.login_url("mqk_notify"), "TEST", once=True, interval=NEVER)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert desk.status == "RUNNING"


def test_the_rules_are_shown(shell: Shell) -> None:
    rules = json.loads(shell.run("notices", "rules", "--json").stdout)
    first = {key: rules[0][key] for key in ("severity", "channel", "event_name")}
    assert first == {"severity": "CRITICAL", "channel": "ALERTS", "event_name": "CANCEL_GIVEN_UP"}


def test_a_webhook_in_the_config_is_refused(db: Database) -> None:
    url = f"https://discord.com/api/webhooks/1/{TOKEN}"
    with pytest.raises(
        AssertionError, match=r"CONFIG_SECRET_DETECTED /discord/channels/alerts REDACTED"
    ) as no:
        Desk(db.url, discord={"channels": {"alerts": url}})
    assert TOKEN[:10] not in str(no.value)


def test_a_notifier_of_another_program_still_tells(db: Database, shell: Shell) -> None:
    desk = Desk(db.url, data={"feed": "csv"})
    desk.market.name = "csv"
    desk.start()
    desk.sql("set session_replication_role = replica")
    desk.sql("update run.armings set build = repeat('0', 64)")
    other = shell.run("worker", "marketdata", "--once")
    assert (other.returncode, "MQG11" in other.stderr) == (3, True), other.stderr
    assert shell.run("worker", "notifier", "--once").returncode == 0
    assert "TEST: RUN_ARMED, RUN_RUNNING" in shell.discord.titles("paper")
