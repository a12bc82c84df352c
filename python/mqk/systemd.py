"""What systemd gives a worker and asks of it: credentials, and a sign of life. Without systemd: nothing."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path

VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{2,63}")


def take_credentials() -> list[str]:
    """Set each file of $CREDENTIALS_DIRECTORY (LoadCredential=) as the variable that it is named after,
    unless that is set; give the names. The environment of the process, as others see it, stays as it was.
    """
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    files = sorted(Path(folder).iterdir()) if folder else []
    names = [f for f in files if VARIABLE.fullmatch(f.name) and f.name not in os.environ]
    for file in names:
        os.environ[file.name] = file.read_text(encoding="utf-8").strip()
    return [file.name for file in names]


def notify(state: str) -> None:
    """Tell systemd READY=1, WATCHDOG=1 or STOPPING=1 (sd_notify); it may not listen."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.connect(address)
        sender.sendall(state.encode())
