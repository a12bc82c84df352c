"""The anchor files of an engine, and the key that signs: what an anchor worker keeps on its machine.

<folder>/<engine>.<first number>.anchors, one line an anchor, canonical JSON; the folder is MQK_ANCHOR_DIR,
else anchors/ in MQK_HOME (else in ~/.mqk). A line is appended by one write and is on the disk before
the call returns. A file that has grown to ROTATE_BYTES is left as it is, and the next one begins, named
by its first anchor, which holds the hash of the last: no file is ever renamed, cut or written again,
so that `chattr +a` may stand on each.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mqk.auditing.verifier import ANCHOR, Finding, anchor_text, canonical, digest, read_rows
from mqk.config.secrets import ANCHOR_KEY as KEY
from mqk.errors import MqkError

ROTATE_BYTES = 16 * 2**20
LONGEST_LINE = 4096  # bytes; an anchor has about 700
Row = dict[str, Any]


def find_folder() -> Path:
    """Where the anchor files are."""
    home = Path(os.environ.get("MQK_HOME") or Path.home() / ".mqk")
    return Path(os.environ.get("MQK_ANCHOR_DIR") or home / "anchors")


class Signer:
    """An Ed25519 key of 32 bytes in hex; shows nothing of it but its public half."""

    def __init__(self, secret: str) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        try:
            self._key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))
        except ValueError:
            why = f"{KEY} is not 64 hex digits" if secret else f"{KEY} is not set"
            law, fix = "an anchor is signed by the desk's key", f"Give it {KEY}: mqk audit keygen."
            raise MqkError("MQG67", law, why, fix) from None
        self.key_id = self._key.public_key().public_bytes_raw().hex()

    def sign(self, anchor: Row) -> Row:
        """The anchor with its hash and its signature."""
        text = anchor_text(anchor)
        signature = self._key.sign(text.encode()).hex()
        return {**anchor, "anchor_hash": digest(text), "signature": signature}


def make_secret() -> str:
    """A new private key in hex."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.generate().private_bytes_raw().hex()


class Book:
    """The anchor files of one engine."""

    def __init__(self, folder: Path, engine: str) -> None:
        self.folder, self.engine = folder, engine

    @property
    def files(self) -> list[Path]:
        """The files, oldest first."""
        return sorted(self.folder.glob(f"{self.engine}.*.anchors"))

    def read(self) -> Iterator[tuple[Path, int, Row | Finding]]:
        """Every line of every file, or what is wrong with it."""
        for path in self.files:
            for line, row in read_rows(path, ANCHOR, path.name):
                yield path, line, row

    def read_end(self) -> Row | None:
        """The last anchor that was published; None when none was. Raises MqkError MQG66: cannot be read."""
        if not self.files:
            return None
        path = self.files[-1]
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - LONGEST_LINE))
            last = file.read().splitlines(keepends=True)[-1:]
        try:
            row: Row = json.loads(last[0])
            if (canonical(row) + "\n").encode() == last[0]:
                return row
        except (ValueError, IndexError, TypeError):
            pass
        raise refuse(f"the last line of {path.name} is not whole")

    def append(self, anchor: Row) -> str:
        """Publish an anchor that follows the last one; give the file's name. On the disk when it returns.

        Raises MqkError MQG66 when it does not follow: another process was first; OSError.
        """
        self.folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            last = self.read_end()
            if (last["anchor_hash"] if last else "") != anchor["prev_hash"]:
                raise refuse(f"anchor {anchor['anchor_no']} does not follow the file's last")
            path = self._find_place(anchor["anchor_no"])
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            file = os.open(path, flags, 0o644)
            try:
                data = (canonical(anchor) + "\n").encode()
                if os.write(file, data) != len(data):
                    raise refuse(f"{path.name} took a part of a line: the disk is full")
                os.fsync(file)
            finally:
                os.close(file)
            os.fsync(folder)
        finally:
            os.close(folder)
        return path.name

    def _find_place(self, anchor_no: int) -> Path:
        files = self.files
        if files and files[-1].stat().st_size < ROTATE_BYTES:
            return files[-1]
        return self.folder / f"{self.engine}.{anchor_no:012d}.anchors"


def refuse(detail: str) -> MqkError:
    """File and database, or two writers of a file, tell different histories."""
    law = "the anchor file and the database end with the same anchor"
    fix = "Find out which of the two lost anchors, before anything is signed again: docs/audit.md."
    return MqkError("MQG66", law, detail, fix)
