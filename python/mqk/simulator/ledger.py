"""The simulator's own ledger: JSON lines that are only ever added to, on disk before an answer goes out.

A step (all that one request or one order of the control plane does) is one write and one fsync; its last
line says `"last":true`. A step that a crash cut short was never answered: it is dropped when the file is
opened again. One process at a time holds a ledger.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mqk.errors import MqkError
from mqk.simulator.wire import read_json, write_json

Record = dict[str, Any]


def read_ledger(path: Path) -> Iterator[Record]:
    """Every record of every whole step, in order. Raises MqkError MQA20 (cannot be read)."""
    step: list[Record] = []
    try:
        with path.open("rb") as source:
            for line in source:
                try:
                    step.append(read_json(line))
                except ValueError:
                    return
                if step[-1].get("last"):
                    yield from step
                    step = []
    except OSError as error:
        raise MqkError(
            "MQA20", "a data file can be read", f"{path.name}: {error.strerror}"
        ) from error


class Ledger:
    """A ledger that is open for adding. Raises MqkError MQA25 (cannot be written, or another has it)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._step: list[Record] = []
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            law, why = "an artifact can be written", "another simulator has it"
            why = why if isinstance(error, BlockingIOError) else str(error.strerror)
            raise MqkError("MQA25", law, f"{path.name}: {why}", "Name another --ledger.") from error
        self._drop_torn_step()

    def add(self, record: Record) -> None:
        """One record more for the present step; nothing is written yet."""
        self._step.append(record)

    def commit(self) -> None:
        """Write the present step and wait until it is on disk."""
        if not self._step:
            return
        self._step[-1]["last"] = True
        left = memoryview("".join(write_json(r) + "\n" for r in self._step).encode())
        while left:
            left = left[os.write(self._file, left) :]
        os.fsync(self._file)
        self._step = []

    def close(self) -> None:
        """Write what is left and let the file go."""
        self.commit()
        os.close(self._file)

    def _drop_torn_step(self) -> None:
        whole = 0
        with self.path.open("rb") as source:
            end = 0
            for line in source:
                end += len(line)
                if line.endswith(b'"last":true}\n'):
                    whole = end
        os.ftruncate(self._file, whole)
