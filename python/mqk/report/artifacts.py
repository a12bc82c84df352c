"""Writes a run's artifacts: fixed names in one folder, each file whole or not at all.

Bytes depend on the run alone: no clock, no random names, line feeds, keys sorted. Cells that a
spreadsheet would take for a formula get a leading apostrophe.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from mqk.config.detector import find_known
from mqk.errors import MqkError
from mqk.report.render import render

Row = Mapping[str, Any]
COLUMNS = {
    "orders.csv": (
        "submitted_at,client_order_id,symbol,order_qty,order_type,order_status,cum_qty,"
        "avg_price,broker_order_id,reject_reason"
    ),
    "fills.csv": "filled_at,execution_id,client_order_id,symbol,fill_qty,price,fee,is_late",
    "equity_curve.csv": "session_on,equity,cash,gross",
}
RISKY = re.compile(r"^[=+\-@\t\r]")
NUMBER = re.compile(r"^[+-]?\d+(\.\d+)?$")


def export(
    payload: Mapping[str, Any],
    tables: Mapping[str, Sequence[Row]],
    root: Path,
    *,
    replace: bool = False,
) -> dict[str, str]:
    """Write the artifacts of payload["run"] to root/<run_id>/; give name -> SHA-256 of each file.

    The same content again is a success that writes nothing new.
    Raises MqkError MQA30 when a file would hold a secret, MQS09 when another content is there (unless
    replace), MQA25 when the folder is a link or cannot be written.
    """
    files = {
        "report.html": render(payload).encode(),
        "metrics.json": _json(payload["metrics"]),
        "audit.jsonl": b"".join(_line(event) for event in tables["audit"]),
        "orders.csv": _csv("orders.csv", tables["orders"]),
        "fills.csv": _csv("fills.csv", tables["fills"]),
        "equity_curve.csv": _csv("equity_curve.csv", tables["equity"]),
    }
    refuse_secrets(files)
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    files["manifest.json"] = _json(
        {
            "schema_version": 1,
            "run": {k: v for k, v in payload["run"].items() if k not in ("config", "history")},
            "digests": payload["digests"],
            "artifacts": digests,
        }
    )
    folder = _folder(root, str(payload["run"]["run_id"]))
    for name, data in files.items():
        _write(folder / name, data, replace=replace)
    return {**digests, "manifest.json": hashlib.sha256(files["manifest.json"]).hexdigest()}


def refuse_secrets(files: Mapping[str, bytes]) -> None:
    """Let nothing out that looks like a secret. Raises MqkError MQA30, naming file and rule."""
    found = [
        f"{name}:{number} REDACTED ({rule})"
        for name, data in files.items()
        for number, line in enumerate(data.decode().splitlines(), 1)
        if (rule := find_known(line))
    ]
    if found:
        law = "what is kept names secrets and holds none"
        fix = "Find out how it came into the run's records, and revoke it."
        raise MqkError("MQA30", law, "; ".join(found), fix)


def _folder(root: Path, run_id: str) -> Path:
    folder = root / run_id
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, str(error.strerror)) from error
    if folder.is_symlink() or not re.fullmatch(r"[0-9a-f-]{36}", run_id):
        raise _unwritable(folder, "it is a link or no run's folder")
    return folder


def _unwritable(path: Path, why: str) -> MqkError:
    fix = "Choose another --out, or remove what is in the way."
    return MqkError("MQA25", "an artifact can be written", f"{path}: {why}", fix)


def _write(path: Path, data: bytes, *, replace: bool) -> None:
    if path.is_symlink():
        raise _unwritable(path, "it is a link")
    if path.exists() and not replace:
        if path.read_bytes() == data:
            return
        law = "an exported artifact is not changed"
        raise MqkError("MQS09", law, str(path), "Say --replace, or choose another --out.")
    part = path.with_name(f".{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
        with os.fdopen(handle, "wb") as target:
            target.write(data)
        part.replace(path)
    except OSError as error:
        raise _unwritable(path, str(error.strerror)) from error


def _json(value: Any) -> bytes:
    text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, default=_plain)
    return f"{text}\n".encode()


def _line(value: Row) -> bytes:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=_plain)
    return f"{text}\n".encode()


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _csv(name: str, rows: Sequence[Row]) -> bytes:
    columns = COLUMNS[name].split(",")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(_value(row, column)) for column in columns] for row in rows)
    return text.getvalue().encode()


def _value(row: Row, column: str) -> Any:
    micros = row.get(f"{column}_micros")
    if micros is not None:
        return format(Decimal(micros).scaleb(-6), "f")
    return row.get(column)


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if RISKY.match(text) and not NUMBER.match(text) else text
