"""Writes the artifacts of a run or a backtest: fixed names in one folder, each file whole or not at all.

Bytes depend on what was done alone (of a backtest the manifest also says by which program and host):
no clock, no random names, line feeds, keys sorted. Cells that a spreadsheet would take for a formula
get a leading apostrophe.
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
from mqk.report.tearsheet import render_tearsheet

Row = Mapping[str, Any]
COLUMNS = {
    "orders.csv": (
        "submitted_at,client_order_id,symbol,order_qty,order_type,limit_price,stop_price,"
        "order_status,cum_qty,avg_price,broker_order_id,reject_reason"
    ),
    "fills.csv": "filled_at,execution_id,client_order_id,symbol,fill_qty,price,fee,is_late",
    "equity_curve.csv": "session_on,equity,cash,gross",
}
BACKTEST_COLUMNS = {
    "orders.csv": (
        "given_at,order_no,symbol,leg,order_qty,order_type,limit_price,stop_price,order_status,"
        "filled_qty,avg_price,ended_at"
    ),
    "fills.csv": "filled_at,fill_no,order_no,symbol,fill_qty,price,fee",
    "trades.csv": (
        "symbol,side,qty,opened_at,closed_at,entry_price,exit_price,realized,sessions_held"
    ),
    "equity_curve.csv": COLUMNS["equity_curve.csv"],
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
        **{
            name: _csv(COLUMNS[name], tables[table])
            for name, table in (
                ("orders.csv", "orders"), ("fills.csv", "fills"), ("equity_curve.csv", "equity")
            )
        },
    }  # fmt: skip
    run = {k: v for k, v in payload["run"].items() if k not in ("config", "history")}
    head = {"run": run, "digests": payload["digests"]}
    return _write_all(root, str(run["run_id"]), files, head, replace=replace)


def export_backtest(
    payload: Mapping[str, Any],
    made_by: Mapping[str, Any],
    root: Path,
    *,
    replace: bool = False,
) -> dict[str, str]:
    """Write the artifacts of a backtest to root/<backtest_id>/, as export does those of a run.

    made_by (program and host) goes into the manifest and nowhere else. Raises as export.
    """
    test = {k: v for k, v in payload["backtest"].items() if k not in ("config", "costs")}
    tables = {"orders.csv": "orders", "fills.csv": "fills", "trades.csv": "trades",
              "equity_curve.csv": "equity"}  # fmt: skip
    files = {
        "report.html": render_tearsheet(payload).encode(),
        "metrics.json": _json(payload["metrics"]),
        **{name: _csv(BACKTEST_COLUMNS[name], payload[table]) for name, table in tables.items()},
    }
    config = payload["backtest"]["config"]
    head = {
        "backtest": test,
        "dataset": payload["dataset"],
        "profiles": {name: config[name] for name in ("execution", "risk")},
        "seed": None,
        **made_by,
    }
    return _write_all(root, str(test["backtest_id"]), files, head, replace=replace)


def _write_all(
    root: Path, name: str, files: dict[str, bytes], head: Mapping[str, Any], *, replace: bool
) -> dict[str, str]:
    refuse_secrets(files)
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    manifest = _json({"schema_version": 1, **head, "artifacts": digests})
    folder = _folder(root, name)
    for file, data in {**files, "manifest.json": manifest}.items():
        _write(folder / file, data, replace=replace)
    return {**digests, "manifest.json": hashlib.sha256(manifest).hexdigest()}


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


def _folder(root: Path, name: str) -> Path:
    folder = root / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, str(error.strerror)) from error
    if folder.is_symlink() or not re.fullmatch(r"[0-9a-f-]{36}", name):
        raise _unwritable(folder, "it is a link or no folder of ours")
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


def _csv(header: str, rows: Sequence[Row]) -> bytes:
    columns = header.split(",")
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
