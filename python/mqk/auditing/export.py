"""Writes a bundle of the diary: what mqk.auditing.verifier verifies, without a database and without us."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from mqk.auditing import verifier
from mqk.auditing.verifier import ANCHORS, MANIFEST, canonical, digest
from mqk.errors import MqkError

PAGE = 10_000
Row = dict[str, Any]
Call = Callable[..., list[Row]]


def page_through(call: Call, door: str, by: str, **args: Any) -> Iterator[Row]:
    """All rows of a door that gives PAGE at a time after the number in the column `by`."""
    after = 0
    rows: list[Row] = [{}] * PAGE
    while len(rows) == PAGE:
        rows = call(door, **args, **{f"after_{by.rpartition('_')[2]}": after}, limit=PAGE)
        yield from rows
        after = rows[-1][by] if rows else after


def write_rows(path: Path, rows: Iterator[Row]) -> None:
    """One canonical line a row."""
    with path.open("x", encoding="utf-8", newline="\n") as file:
        for row in rows:
            file.write(canonical(row) + "\n")


def list_anchors(call: Call, engine: str) -> Iterator[Row]:
    """Every anchor of an engine, as its anchor file has it."""
    for row in page_through(call, "api.audit_anchors", "anchor_no", engine_id=engine):
        yield {**row, "chain_id": str(row["chain_id"])}


def export(call: Call, folder: Path, engine: str, run_id: UUID | None) -> list[Row]:
    """Write the bundle of an engine, or of one run, into a new folder; give its chains.

    All calls see one snapshot (mqk.db.hold_still): a desk may go on, and nothing after a head is left out.
    Raises MqkError MQN01 when there is no such chain; FileExistsError when the folder exists.
    """
    chains = call("api.audit_chains", engine_id=engine, run_id=run_id)
    if not chains:
        law, fix = "the chain exists", "Look at mqk audit verify."
        raise MqkError("MQN01", law, str(run_id or engine), fix)
    owner = next((c["engine_id"] for c in chains if c["engine_id"] != "DESK"), engine)
    (folder / "chains").mkdir(parents=True)
    write_rows(folder / ANCHORS, list_anchors(call, owner))
    for chain in chains:
        rows = page_through(call, "api.audit_events", "event_seq", chain_id=chain["chain_id"])
        write_rows(folder / "chains" / f"{chain['chain_id']}.jsonl", rows)
    shutil.copyfile(verifier.__file__, folder / "verify.py")
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    manifest: Row = {
        "format": "mqk.bundle.v1",
        "chains": chains,
        "files": {str(p.relative_to(folder)): digest(p.read_bytes()) for p in files},
    }
    manifest["seal"] = digest(canonical(manifest))
    (folder / MANIFEST).write_text(canonical(manifest) + "\n", encoding="utf-8")
    return chains
