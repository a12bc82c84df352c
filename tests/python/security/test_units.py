"""config/systemd and config/cron: every worker has its unit, and no unit is softer than another."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

from house.docs import ROOT
from mqk.cli.main import main as mqk_main
from mqk.systemd import notify, take_credentials
from mqk.workers import NAMES

UNITS = ROOT / "config" / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
HARD = (
    "NoNewPrivileges=yes", "CapabilityBoundingSet=", "ProtectSystem=strict", "ProtectHome=yes",
    "PrivateTmp=yes", "PrivateDevices=yes", "ProtectKernelTunables=yes", "MemoryDenyWriteExecute=yes",
    "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6", "RestrictNamespaces=yes",
    "RestrictSUIDSGID=yes", "SystemCallFilter=@system-service", "LockPersonality=yes",
    "LimitCORE=0", "UMask=0077", "DynamicUser=yes",
)  # fmt: skip


def commands(path: Path) -> list[list[str]]:
    """What a unit starts, without its folder."""
    found = re.findall(r"^ExecStart=\S+/mqk (.+)$", path.read_text(), re.M)
    return [line.split() for line in found]


def test_there_are_units() -> None:
    assert [p.name for p in SERVICES] == ["mqk-doctor.service", "mqk-once@.service", "mqk@.service"]


@pytest.mark.parametrize("path", SERVICES, ids=lambda p: p.name)
def test_a_unit_is_hardened(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert [key for key in HARD if key not in lines] == []
    assert not any(line.startswith("Environment=") and "URL" in line for line in lines)


@pytest.mark.parametrize("path", SERVICES, ids=lambda p: p.name)
def test_a_unit_starts_commands_that_exist(path: Path) -> None:
    for words in commands(path):
        context = mqk_main.make_context("mqk", ["--help"], resilient_parsing=True)
        command = mqk_main.get_command(context, words[0])
        assert command is not None
        options = {opt for p in command.params for opt in p.opts}
        assert {w for w in words if w.startswith("--")} <= options


@pytest.mark.parametrize("worker", NAMES)
def test_every_worker_has_its_unit_its_user_and_its_line_for_cron(worker: str) -> None:
    for name in ("mqk@.service", "mqk-once@.service"):
        text = (UNITS / name).read_text()
        assert "User=mqk-%i\n" in text
        assert "LoadCredential=MQK_DATABASE_URL:/etc/mqk/credentials/%i/MQK_DATABASE_URL" in text
    crontab = (ROOT / "config" / "cron" / "mqk.crontab").read_text()
    assert len(re.findall(rf"mqk worker {worker} --once$", crontab, re.M)) == 1


@pytest.mark.parametrize(
    ("file", "workers"),
    [
        ("broker.conf", {"gateway", "broker_events", "snapshots"}),
        ("feeds.conf", {"marketdata"}),
        ("anchor.conf", {"anchor"}),
    ],
)
def test_only_who_asks_the_broker_or_a_feed_has_its_keys(file: str, workers: set[str]) -> None:
    dropins = {p.parent.name.split("@")[1].split(".")[0] for p in UNITS.glob(f"*/{file}")}
    assert dropins == workers
    sources = [*(ROOT / "python/mqk").rglob("*.py"), *(ROOT / "config").rglob("*.yaml")]
    known = "".join(path.read_text() for path in sources)
    for path in UNITS.glob(f"*/{file}"):
        names = re.findall(r"^LoadCredential=(\w+):/etc/mqk/credentials/%i/(\w+)$",
                           path.read_text(), re.M)  # fmt: skip
        assert names and all(a == b for a, b in names)
        assert [a for a, _ in names if a not in known] == []


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
def test_systemd_itself_accepts_the_units(tmp_path: Path) -> None:
    shutil.copytree(UNITS, tmp_path / "u")
    for path in (tmp_path / "u").glob("*.service"):
        path.write_text(path.read_text().replace("/opt/mqk/.venv/bin/mqk", "/bin/true"))
    made = []
    for worker in NAMES:
        for name in ("mqk@.service", "mqk-once@.service", "mqk-once@.timer"):
            unit = tmp_path / "u" / name.replace("@", f"@{worker}")
            shutil.copy(tmp_path / "u" / name, unit)
            made.append(str(unit))
    made += [str(tmp_path / "u" / f"mqk-doctor.{kind}") for kind in ("service", "timer")]
    command = ["systemd-analyze", "verify", *made]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if str(tmp_path) in line or "mqk" in line]
    assert (done.returncode, ours) == (0, []), done.stderr


def test_a_credential_becomes_the_variable_that_it_is_named_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "APCA_API_KEY_ID").write_text("key\n")
    (tmp_path / "MQK_DATABASE_URL").write_text("from the file")
    (tmp_path / "not-a-variable").write_text("x")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("MQK_DATABASE_URL", "set by hand")
    monkeypatch.delenv("APCA_API_KEY_ID", raising=False)
    assert take_credentials() == ["APCA_API_KEY_ID"]
    import os

    assert os.environ["APCA_API_KEY_ID"] == "key"
    assert os.environ["MQK_DATABASE_URL"] == "set by hand"
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    assert take_credentials() == []


@pytest.mark.parametrize("kind", ["path", "abstract"])
def test_a_worker_tells_systemd_that_it_lives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    address = str(tmp_path / "s") if kind == "path" else f"\0mqk-{tmp_path.name}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(address)
        listener.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", address.replace("\0", "@"))
        notify("WATCHDOG=1")
        assert listener.recv(100) == b"WATCHDOG=1"
    monkeypatch.delenv("NOTIFY_SOCKET")
    notify("READY=1")


def test_the_loop_of_a_worker_tells_it_again_and_again(
    db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mqk.worker import Job, serve

    said: list[str] = []
    monkeypatch.setattr("mqk.worker.notify", said.append)
    job = Job("deadman", lambda _: 0, "mqk_run", lambda _: None)
    serve(job, db.login_url("mqk_recon"), "NOBODY", once=True, interval=1)
    assert said[:2] == ["READY=1", "WATCHDOG=1"]
