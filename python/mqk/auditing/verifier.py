#!/usr/bin/env python3
"""Verifies an exported bundle of the diary. One file, standard library only: no database, no mqk.

    python verify.py FOLDER [--key HEX ...]

A bundle is manifest.json, chains/<chain>.jsonl (an event a line), anchors.jsonl (a signed anchor a line)
and this file. Each event is hashed again, each link followed, each anchor's signature (Ed25519, RFC 8032)
checked and its event looked up. --key names the public keys that you trust, from elsewhere than the
bundle; without it a signature proves only that one key signed all along. Prints each break with its
file and line, the first one first; exit 0: whole, 1: broken, 2: no bundle.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

EVENT_TEXT = "chain_id event_seq prev_hash occurred_us reported_us actor topic event_name payload"
ANCHOR_TEXT = (
    "engine_id anchor_no prev_hash chain_id event_seq event_hash anchored_us reason key_id"
)
HASHED, SIGNED = EVENT_TEXT.split(), ANCHOR_TEXT.split()
EVENT, ANCHOR = (*HASHED, "event_hash"), (*SIGNED, "anchor_hash", "signature")
NUMBERS = ("event_seq", "occurred_us", "reported_us", "anchor_no", "anchored_us")
MANIFEST, ANCHORS = "manifest.json", "anchors.jsonl"
Row = dict[str, Any]

# Ed25519, RFC 8032 section 6: slow and plain; it only verifies, so it holds no secret that time could tell.
P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]


def add(a: Point, b: Point) -> Point:
    """The sum of two points in extended coordinates."""
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = f - e, h - g, h + g, f + e
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiply(n: int, a: Point) -> Point:
    """n times a point."""
    total: Point = (0, 1, 1, 0)
    for bit in range(n.bit_length()):
        total, a = add(total, a) if n >> bit & 1 else total, add(a, a)
    return total


def decompress(data: bytes) -> Point | None:
    """The point of 32 bytes; None when they are no point."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if len(data) != 32 or y >= P:
        return None
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * ROOT % P
    if (x * x - xx) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P)


BASE = decompress((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_signed(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether an Ed25519 signature of a message is of this key (RFC 8032, 5.1.7)."""
    a, r = decompress(public_key), decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or BASE is None or len(signature) != 64 or s >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + public_key + message).digest()
    h = int.from_bytes(digest, "little") % ORDER
    u, v = multiply(s, BASE), add(r, multiply(h, a))
    return all((u[i] * v[2] - v[i] * u[2]) % P == 0 for i in (0, 1))


class Finding(NamedTuple):
    """One break: the file and its line (0: the file as a whole), the event's or anchor's number, what."""

    file: str
    line: int
    seq: int
    what: str


Rows = Iterable[tuple[int, Row | Finding]]  # of a file: each line's number, and what it holds


def canonical(row: Row) -> str:
    """The one text of a row: keys sorted, no blanks, no escapes that are not needed."""
    return json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def event_text(event: Row) -> str:
    """What an event's hash is taken of."""
    return "\n".join(["mqk.audit.v1", *(str(event[key]) for key in HASHED)])


def anchor_text(anchor: Row) -> str:
    """What an anchor's hash is taken of, and what is signed."""
    return "\n".join(["mqk.anchor.v1", *(str(anchor[key]) for key in SIGNED)])


def digest(text: str | bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def read_rows(path: Path, keys: Iterable[str], name: str) -> Iterator[tuple[int, Row | Finding]]:
    """Each line's number and row, or what is wrong with it."""
    wanted = set(keys)
    if not path.is_file():
        yield 0, Finding(name, 0, 0, "the file is missing")
        return
    for line, raw in enumerate(path.read_bytes().splitlines(keepends=True), 1):
        try:
            row = json.loads(raw)
            good = set(row) == wanted and (canonical(row) + "\n").encode() == raw
            good = good and all(type(row[key]) is (int if key in NUMBERS else str) for key in row)
        except (ValueError, TypeError, RecursionError):
            good = False
        yield line, row if good else Finding(name, line, 0, "the line cannot be read")


def judge_chain(chain: Row, rows: Rows, name: str) -> Iterator[Finding]:
    """Every break of a chain; `chain["hashes"]` is filled with the hash of each event on the way."""
    hashes, seq, before, line = chain["hashes"], 0, chain["root_hash"], 0
    for line, event in rows:
        if isinstance(event, Finding):
            yield event
            continue
        now, true = event["event_seq"], digest(event_text(event))
        if event["event_hash"] != true or event["chain_id"] != chain["chain_id"]:
            yield Finding(name, line, now, "the hash does not recompute")
        if now != seq + 1:
            yield Finding(name, line, now, "an event is missing")
        if event["prev_hash"] != before:
            yield Finding(name, line, now, "the link to the event before is broken")
        seq, before = now, event["event_hash"]
        hashes[seq] = before
    head = hashes.get(chain["last_seq"], chain["root_hash"])
    if chain["last_seq"] != len(hashes) or chain["last_hash"] != head:
        yield Finding(name, line, chain["last_seq"], "the head is not the last event")


def judge_anchor(anchor: Row, before: Row | None, keys: list[str]) -> Iterator[str]:
    """What is wrong with an anchor by itself and after the one before it; no keys: any is trusted."""
    text = anchor_text(anchor)
    last = before or {"anchor_no": 0, "anchor_hash": ""}
    if anchor["anchor_no"] != last["anchor_no"] + 1:
        yield "an anchor is missing"
    if anchor["prev_hash"] != last["anchor_hash"]:
        yield "the link to the anchor before is broken"
    if digest(text) != anchor["anchor_hash"]:
        yield "the anchor's hash does not recompute"
    try:
        key, signature = bytes.fromhex(anchor["key_id"]), bytes.fromhex(anchor["signature"])
    except ValueError:
        key = signature = b""
    if signature.hex() != anchor["signature"] or not is_signed(key, text.encode(), signature):
        yield "the signature does not hold"
    if keys and anchor["key_id"] not in keys:
        yield "the key is not one that you trust"


def judge_anchors(rows: Rows, chains: dict[str, Row], keys: list[str]) -> Iterator[Finding]:
    """Every break of the anchors, engine by engine, and of the events that they hold."""
    last: dict[str, Row] = {}
    for line, anchor in rows:
        if isinstance(anchor, Finding):
            yield anchor
            continue
        no = anchor["anchor_no"]
        for what in judge_anchor(anchor, last.get(anchor["engine_id"]), keys):
            yield Finding(ANCHORS, line, no, what)
        last[anchor["engine_id"]] = anchor
        chain = chains.get(anchor["chain_id"])
        if chain is not None and anchor["event_seq"] not in chain["hashes"]:
            yield Finding(ANCHORS, line, no, "the anchored event is missing")
        elif chain is not None and chain["hashes"][anchor["event_seq"]] != anchor["event_hash"]:
            yield Finding(ANCHORS, line, no, "the anchored event is another one")


def verify(folder: Path, trusted: Iterable[str] = ()) -> list[Finding]:
    """Every break of a bundle, the first one first; none: it is whole. Raises OSError: no bundle."""
    raw = (folder / MANIFEST).read_bytes()
    try:
        manifest = json.loads(raw)
        seal = manifest.pop("seal")
        good = seal == digest(canonical(manifest)) and manifest["format"] == "mqk.bundle.v1"
        good = good and (canonical({**manifest, "seal": seal}) + "\n").encode() == raw
        chains = {chain["chain_id"]: {**chain, "hashes": {}} for chain in manifest["chains"]}
        files = dict(manifest["files"])
    except (ValueError, TypeError, KeyError, AttributeError):
        good = False
    found: list[Finding] = []
    if not good:
        return [Finding(MANIFEST, 1, 0, "the manifest is not as it was written")]
    for name, chain in sorted(chains.items()):
        file = f"chains/{name}.jsonl"
        found += judge_chain(chain, read_rows(folder / file, EVENT, file), file)
    for name, chain in chains.items():
        root = chains.get(chain["root_chain_id"], {"hashes": {}})["hashes"].get(chain["root_seq"])
        if chain["run_id"] and root != chain["root_hash"]:
            found += [Finding(f"chains/{name}.jsonl", 0, 0, "the root is no event of its engine")]
    found += judge_anchors(read_rows(folder / ANCHORS, ANCHOR, ANCHORS), chains, list(trusted))
    there = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()} - {MANIFEST}
    for name in sorted(there | set(files)):
        if name not in there or digest((folder / name).read_bytes()) != files.get(name):
            found += [Finding(name, 0, 0, "the file is not as it was written")]
    return found


def main(words: list[str]) -> int:
    """The command."""
    folder, keys = Path(*words[:1]), [w for w in words[1:] if w != "--key"]
    try:
        found = verify(folder, keys)
        manifest = json.loads((folder / MANIFEST).read_bytes()) if not found else {}
    except OSError as no:
        print(f"no bundle: {no}", __doc__, sep="\n", file=sys.stderr)
        return 2
    for file, line, seq, what in found:
        print(f"{file}:{line} no. {seq}: {what}")
    if found:
        return 1
    anchors = [json.loads(line) for line in (folder / ANCHORS).read_text("utf-8").splitlines()]
    held = {a["chain_id"]: a["event_seq"] for a in anchors}
    for chain in manifest["chains"]:
        name, events = chain["chain_id"], chain["last_seq"]
        print(
            f"whole: chain {name}, {events} events, {events - held.get(name, 0)} not anchored yet"
        )
    for key in sorted({a["key_id"] for a in anchors}):
        print(f"signed by {key}{'' if keys else ': compare it with the key that you were given'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
