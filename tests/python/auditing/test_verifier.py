"""Laws of the verifier: it needs nothing of ours, and names whatever was changed, wherever that was."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit_kit import PUBLIC, bundle, publish, tampered
from kit import Desk
from mqk.auditing import verifier
from mqk.auditing.verifier import canonical, digest, is_signed, verify
from support import SERVER

# RFC 8032, 7.1: public key, message, signature.
VECTORS = [
    (PUBLIC, "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
     "d25bf5f0595bbe24655141438e7a100b"),
    ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
     "387b2eaeb4302aeeb00d291612bb0c00"),
    ("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
     "4a7c15e9716ed28dc027beceea1ec40a"),
]  # fmt: skip
ORDER = verifier.ORDER


@pytest.mark.parametrize(("key", "message", "signature"), VECTORS)
def test_the_vectors_of_rfc_8032_hold(key: str, message: str, signature: str) -> None:
    told = bytes.fromhex(key), bytes.fromhex(message), bytes.fromhex(signature)
    assert is_signed(*told)
    assert not is_signed(told[0], told[1] + b"x", told[2])
    for at in (0, 31, 32, 63):
        spoiled = bytearray(told[2])
        spoiled[at] ^= 1
        assert not is_signed(told[0], told[1], bytes(spoiled))


@settings(max_examples=25, deadline=None)
@given(seed=st.binary(min_size=32, max_size=32), message=st.binary(max_size=80))
def test_what_the_library_signs_holds_and_a_higher_s_does_not(seed: bytes, message: bytes) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = private.public_key().public_bytes_raw(), private.sign(message)
    assert is_signed(public, message, signature)
    s = int.from_bytes(signature[32:], "little") + ORDER
    assert not is_signed(public, message, signature[:32] + s.to_bytes(32, "little"))
    assert not is_signed(public, message, signature[:-1])


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk that traded, anchored twice, with events after its last anchor; and its bundle."""
    folder = tmp_path_factory.mktemp("audit")
    with SERVER.clone() as db:
        made = Desk(db.url)
        made.start()
        made.buy(2)
        for _ in range(2):
            made.clock.move_to(made.now + timedelta(minutes=1))
            publish(made, folder / "anchors")
        made.sql("select set_config('mqk.bundle', %s, false)", str(bundle(made, folder / "bundle")))
        yield made
        made.conn.close()


@pytest.fixture
def honest(desk: Desk, tmp_path: Path) -> Path:
    """A copy of the desk's bundle, to be spoiled."""
    source = desk.one("select current_setting('mqk.bundle')")
    return Path(shutil.copytree(source, tmp_path / "bundle"))


def test_an_honest_bundle_is_whole(honest: Path) -> None:
    assert verify(honest) == []
    assert verify(honest, [PUBLIC]) == []


def test_a_key_that_is_not_trusted_is_named(honest: Path) -> None:
    found = verify(honest, ["00" * 32])
    assert found and {f.what for f in found} == {"the key is not one that you trust"}


def run(honest: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The bundle's own verifier, in a Python that finds none of our code."""
    command = [sys.executable, "-I", "-S", str(honest / "verify.py"), str(honest), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_bundle_verifies_itself_with_the_standard_library_alone(honest: Path) -> None:
    done = run(honest, "--key", PUBLIC)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "whole: chain" in done.stdout and f"signed by {PUBLIC}" in done.stdout
    line = honest / "anchors.jsonl"
    line.write_text(line.read_text().replace('"anchor_no":2', '"anchor_no":7'))
    done = run(honest)
    assert done.returncode == 1
    assert done.stdout.startswith("anchors.jsonl:2 no. 7: an anchor is missing")
    assert run(honest / "nowhere").returncode == 2


def spoil(path: Path, at: int, bit: int = 1) -> None:
    """Flip one bit of one byte."""
    data = bytearray(path.read_bytes())
    data[at] ^= bit
    path.write_bytes(bytes(data))


def small_bundle(folder: Path) -> Path:
    """A bundle of one chain of two events, without anchors or the verifier: each byte can be tried."""
    (folder / "chains").mkdir(parents=True)
    chain: dict[str, Any] = {"chain_id": "c", "chain_kind": "ENGINE", "engine_id": "E", "run_id": None,
                             "root_chain_id": None, "root_seq": None, "root_hash": ""}  # fmt: skip
    rows, before = [], ""
    for seq in (1, 2):
        row = {"chain_id": "c", "event_seq": seq, "prev_hash": before, "occurred_us": seq,
               "reported_us": seq, "actor": "a", "topic": "RISK",
               "event_name": "NOTED", "payload": "{}"}  # fmt: skip
        before = digest(verifier.event_text(row))
        rows.append(canonical({**row, "event_hash": before}) + "\n")
    (folder / "chains" / "c.jsonl").write_text("".join(rows))
    (folder / "anchors.jsonl").write_text("")
    chain |= {"last_seq": 2, "last_hash": before}
    files = {str(p.relative_to(folder)): digest(p.read_bytes())
             for p in sorted(folder.rglob("*")) if p.is_file()}  # fmt: skip
    manifest: dict[str, Any] = {"format": "mqk.bundle.v1", "chains": [chain], "files": files}
    manifest["seal"] = digest(canonical(manifest))
    (folder / "manifest.json").write_text(canonical(manifest) + "\n")
    assert verify(folder) == []
    return folder


def test_every_flipped_byte_and_every_cut_of_a_small_bundle_is_named(tmp_path: Path) -> None:
    folder = small_bundle(tmp_path / "b")
    tried = 0
    for path in (folder / "manifest.json", folder / "chains" / "c.jsonl"):
        data = path.read_bytes()
        for at in range(len(data)):
            for bit in (1, 0x20):
                spoil(path, at, bit)
                found = verify(folder)
                assert found, (path.name, at, bit)
                assert found[0].file in (str(path.relative_to(folder)), "manifest.json")
                path.write_bytes(data)
            path.write_bytes(data[:at])
            assert verify(folder), (path.name, at, "cut")
            path.write_bytes(data)
            tried += 3
    assert tried > 2000
    assert verify(folder) == []


def test_the_first_bad_row_is_named_by_its_line(tmp_path: Path) -> None:
    folder = small_bundle(tmp_path / "b")
    path = folder / "chains" / "c.jsonl"
    data = path.read_bytes()
    begin = data.index(b"\n") + 1
    spoil(path, data.index(b'"actor":"a"', begin) + len(b'"actor":"'), 2)
    assert verify(folder)[0] == verifier.Finding(
        "chains/c.jsonl", 2, 2, "the hash does not recompute")  # fmt: skip
    path.write_bytes(data[:begin])
    assert verify(folder)[0] == verifier.Finding(
        "chains/c.jsonl", 1, 2, "the head is not the last event")  # fmt: skip


def test_flipped_bytes_and_cuts_of_a_real_bundle_are_named(honest: Path) -> None:
    chance = random.Random(7)
    files = [p for p in sorted(honest.rglob("*")) if p.is_file()]
    for _ in range(60):
        path = chance.choice(files)
        data = path.read_bytes()
        if not data:
            continue
        at = chance.randrange(len(data))
        if chance.random() < 0.7:
            spoil(path, at, 1 << chance.randrange(8))
        else:
            path.write_bytes(data[:at])
        found = verify(honest)
        assert found, (path, at)
        path.write_bytes(data)
    (honest / "chains" / "more.jsonl").write_text("")
    assert verify(honest)[0].what == "the file is not as it was written"


def test_a_resealed_bundle_without_its_tail_is_named_by_its_anchor(honest: Path) -> None:
    manifest = json.loads((honest / "manifest.json").read_text())
    anchors = [json.loads(line) for line in (honest / "anchors.jsonl").read_text().splitlines()]
    last = anchors[-1]
    chain = next(c for c in manifest["chains"] if c["chain_id"] == last["chain_id"])
    file = f"chains/{chain['chain_id']}.jsonl"
    lines = (honest / file).read_text().splitlines(keepends=True)[: last["event_seq"] - 1]
    (honest / file).write_text("".join(lines))
    chain |= {"last_seq": len(lines), "last_hash": json.loads(lines[-1])["event_hash"]}
    manifest["files"][file] = digest((honest / file).read_bytes())
    del manifest["seal"]
    (honest / "manifest.json").write_text(
        canonical({**manifest, "seal": digest(canonical(manifest))}) + "\n"
    )
    assert [f.what for f in verify(honest)] == ["the anchored event is missing"]


@pytest.mark.parametrize("name", ["anchors.jsonl", "chain"])
def test_a_resealed_bundle_without_a_file_is_not_whole(honest: Path, name: str) -> None:
    manifest = json.loads((honest / "manifest.json").read_text())
    file = name if name != "chain" else f"chains/{manifest['chains'][0]['chain_id']}.jsonl"
    (honest / file).unlink()
    del manifest["files"][file], manifest["seal"]
    sealed = {**manifest, "seal": digest(canonical(manifest))}
    (honest / "manifest.json").write_text(canonical(sealed) + "\n")
    assert verify(honest)[0] == verifier.Finding(file, 0, 0, "the file is missing")


CHANGES = (
    "update audit.events set payload = payload || '{{\"forged\": {n}}}' where {it}",
    "update audit.events set actor = 'somebody' where {it}",
    "update audit.events set event_name = 'NOTHING' where {it}",
    "update audit.events set occurred_at = occurred_at + interval '{n} us' where {it}",
    "update audit.events set reported_at = reported_at + interval '{n} us' where {it}",
    "update audit.events set prev_hash = repeat('{n}', 64) where {it}",
    "update audit.events set event_seq = event_seq + 1000 where {it}",
    "delete from audit.events where {it}",
    "delete from audit.events where {here} and event_seq >= {seq}",
    "update audit.chains set last_seq = last_seq - 1 where {here}",
    "update audit.chains set last_hash = repeat('{n}', 64) where {here}",
    "update audit.chains set root_hash = repeat('{n}', 64) where {here} and chain_kind = 'RUN'",
)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(changes=st.lists(st.tuples(st.sampled_from(CHANGES), st.integers(0, 2), st.integers(1, 30),
                                  st.integers(1, 9)), max_size=3))  # fmt: skip
def test_the_verifier_in_sql_and_the_one_in_python_agree(
    desk: Desk, tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[str, int, int, int]]
) -> None:
    chains = [row["chain_id"] for row in desk.sql("select chain_id from audit.chains order by 1")]
    made = []
    for text, which, seq, n in changes:
        here = f"chain_id = '{chains[which]}'"
        made.append(text.format(here=here, it=f"{here} and event_seq = {seq}", seq=seq, n=n))
    folder = tmp_path_factory.mktemp("x") / "b"
    with tampered(desk, *made):
        ours = {(str(chain), row["event_seq"], row["finding"]) for chain in chains
                for row in desk.call("audit.verify_chain", chain_id=chain)}  # fmt: skip
        bundle(desk, folder)
    theirs = {(f.file[7:-6], f.seq, f.what) for f in verify(folder) if f.file.startswith("chains/")}
    shutil.rmtree(folder)
    assert ours == theirs
