"""Laws of the anchors: what was published cannot be taken back, and who rewrites history is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from audit_kit import PUBLIC, SECRET, anchor_tick, publish, read_anchors, rewrite_chain, tampered
from kit import Desk
from mqk.auditing.book import Book, Signer
from mqk.auditing.comparing import compare
from mqk.auditing.verifier import canonical, judge_anchor
from mqk.db import connect
from mqk.errors import MqkError
from mqk.workers import anchor
from support import Database, worker_url

MINUTE = timedelta(minutes=1)


def wait(desk: Desk, time: timedelta) -> None:
    """Let time pass."""
    desk.clock.move_to(desk.now + time)


def append(desk: Desk, name: str = "NOTED", chain: Any = None) -> None:
    """An event in the run's chain, or in another."""
    desk.call("audit.append_event", chain_id=chain or desk.run_id, topic="RUNTIME",
              event_name=name, payload={"n": 1}, now_at=desk.now)  # fmt: skip


def find(desk: Desk, folder: Path) -> set[str]:
    """What the comparison of the files with the database finds."""
    return {
        f.what.partition(" (")[0] for f in compare(desk.call, Book(folder, "TEST"), [PUBLIC])[1]
    }


def head(desk: Desk) -> int:
    """The last event of the run."""
    return int(desk.one("select last_seq from audit.chains where chain_id = %s", desk.run_id))


@pytest.fixture
def anchored(running: Desk, tmp_path: Path) -> Desk:
    """A running desk, all of whose chains have an anchor."""
    wait(running, MINUTE)
    publish(running, tmp_path)
    return running


def test_all_chains_of_the_engine_are_anchored_at_their_heads(
    anchored: Desk, tmp_path: Path
) -> None:
    heads = "select distinct on (chain_id) chain_id, event_seq, event_hash from audit.anchors"
    rows = {r["chain_id"]: r for r in anchored.sql(f"{heads} order by chain_id, anchor_no desc")}
    for chain in anchored.sql("select * from audit.chains where last_seq > 0"):
        event = anchored.sql("select event_name from audit.events where chain_id = %s and event_seq > %s",
                             chain["chain_id"], rows[chain["chain_id"]]["event_seq"])  # fmt: skip
        assert {e["event_name"] for e in event} <= {"ANCHORED", "LEASE_TAKEN"}
    assert find(anchored, tmp_path) == set()


def test_each_anchor_is_signed_and_holds_the_one_before(anchored: Desk, tmp_path: Path) -> None:
    rows = read_anchors(tmp_path)
    assert len(rows) >= 3
    before = None
    for row in rows:
        assert list(judge_anchor(row, before, [PUBLIC])) == []
        before = row
    kept = anchored.sql(
        "select anchor_hash, signature, key_id from audit.anchors order by anchor_no"
    )
    assert [(r["anchor_hash"], r["signature"], r["key_id"]) for r in rows] == [
        tuple(r.values()) for r in kept]  # fmt: skip


@pytest.mark.parametrize(("seconds", "anchors"), [(59, 0), (60, 1)])
def test_an_event_waits_for_its_anchor_for_a_minute(
    anchored: Desk, tmp_path: Path, seconds: int, anchors: int
) -> None:
    wait(anchored, MINUTE)
    publish(anchored, tmp_path)
    assert publish(anchored, tmp_path) == 0
    append(anchored)
    wait(anchored, timedelta(seconds=seconds))
    assert publish(anchored, tmp_path) == anchors
    assert publish(anchored, tmp_path) == 0


@pytest.mark.parametrize(("micros", "reason"), [(59_999_999, None), (60_000_000, "MINUTE")])
def test_the_minute_of_an_event_is_exact(anchored: Desk, micros: int, reason: str | None) -> None:
    append(anchored)
    at = anchored.one("select max(occurred_at) from audit.events where event_name = 'NOTED'")
    rows = anchored.call("audit.find_unanchored", engine_id="TEST", closed_at=None,
                         now_at=at + timedelta(microseconds=micros))  # fmt: skip
    assert [r["reason"] for r in rows if r["chain_id"] == anchored.run_id] == [reason]


def test_an_arming_is_anchored_at_once(running: Desk, tmp_path: Path) -> None:
    publish(running, tmp_path)
    reasons = running.sql("select reason from audit.anchors where chain_id = %s", running.run_id)
    assert "ARMED" in {row["reason"] for row in reasons}


@pytest.mark.parametrize(("event", "reason"), [
    ("RUN_HALTED", "HALTED"), ("RUN_STOPPED", "STOPPED")])  # fmt: skip
def test_what_halts_or_stops_is_anchored_at_once(
    anchored: Desk, tmp_path: Path, event: str, reason: str
) -> None:
    append(anchored, event)
    publish(anchored, tmp_path)
    last = anchored.sql("select * from audit.anchors where chain_id = %s order by anchor_no desc limit 1",
                        anchored.run_id)[0]  # fmt: skip
    assert (last["reason"], last["event_seq"]) == (reason, head(anchored))


def test_a_real_halt_is_anchored_and_told(anchored: Desk, tmp_path: Path) -> None:
    anchored.act("run_halt", run_id=anchored.run_id, reason="fire")
    publish(anchored, tmp_path)
    assert read_anchors(tmp_path)[-1]["reason"] == "HALTED"
    told = anchored.call(
        "io.claim_notices", run_id=anchored.run_id, worker_name="n", now_at=anchored.now
    )
    text = next(m["body"] for m in told if m["channel"] == "C2")
    assert read_anchors(tmp_path)[-1]["anchor_hash"] in text


def test_a_close_is_anchored_at_once(anchored: Desk, tmp_path: Path) -> None:
    wait(anchored, 2 * MINUTE)
    publish(anchored, tmp_path)
    close = anchored.one(
        "select min(closes_at) from ref.sessions where closes_at > %s", anchored.now
    )
    anchored.clock.move_to(close - timedelta(seconds=1))
    append(anchored)
    assert publish(anchored, tmp_path) == 0
    wait(anchored, timedelta(seconds=1))
    assert publish(anchored, tmp_path) == 1
    assert read_anchors(tmp_path)[-1]["reason"] == "CLOSE"
    append(anchored)  # at the very close
    assert publish(anchored, tmp_path) == 0


def test_a_person_asks_for_an_anchor(anchored: Desk, tmp_path: Path) -> None:
    wait(anchored, MINUTE)
    publish(anchored, tmp_path)
    anchored.value("api.audit_anchor", engine_id="TEST", now_at=anchored.now)
    assert publish(anchored, tmp_path) == 1
    assert read_anchors(tmp_path)[-1]["reason"] == "ASKED"
    assert anchored.value("api.audit_anchor", engine_id="NOBODY", now_at=anchored.now) is None


def test_a_crash_between_file_and_database_is_made_good(anchored: Desk, tmp_path: Path) -> None:
    append(anchored, "RUN_HALTED")
    worker = anchor_tick(anchored, tmp_path)
    worker.lead()
    book, signer = worker.wires["book"], worker.wires["signer"]
    due = anchored.call("io.claim_anchor", **worker.lease, file_end=book.read_end(),
                        key_id=signer.key_id, now_at=anchored.now)[0]  # fmt: skip
    book.append(signer.sign(due["anchor"]))
    assert find(anchored, tmp_path) == {"the database has no such anchor"}
    before = len(read_anchors(tmp_path))
    publish(anchored, tmp_path)
    kept = anchored.one("select anchor_hash from audit.anchors where anchor_no = %s", before)
    assert kept == read_anchors(tmp_path)[before - 1]["anchor_hash"]
    assert find(anchored, tmp_path) == set()


LAST = "(select last_seq from audit.chains as c where c.chain_id = e.chain_id)"
CUT = (
    "delete from audit.events as e where chain_id = '{run}' and event_seq > 5",
    "update audit.chains set last_seq = 5, last_hash = (select event_hash from audit.events as e"
    " where e.chain_id = '{run}' and event_seq = 5) where chain_id = '{run}'",
)
LAST_ROW = (
    f"update audit.events as e set payload = '{{{{}}}}' where chain_id = '{{run}}' and event_seq = {LAST}",
    f"update audit.chains as c set last_hash = (select event_hash from audit.events as e"
    f" where e.chain_id = c.chain_id and event_seq = {LAST}) where chain_id = '{{run}}'",
)


@pytest.mark.parametrize(
    ("what", "hidden", "found"),
    [
        ("last", (), "the anchored event is another one"),
        ("cut", (), "the anchored event is missing"),
        ("whole", (), "the anchored event is another one"),
        ("whole", ("delete from audit.anchors",), "the anchored event is another one"),
        (
            "cut",
            ("delete from audit.anchors where anchor_no > 1",),
            "the anchored event is missing",
        ),
        (
            "nothing",
            ("delete from audit.anchors where anchor_no > 1",),
            "the database has no such anchor",
        ),
    ],
)
def test_who_rewrites_history_with_true_hashes_is_named_by_the_file(
    anchored: Desk, tmp_path: Path, what: str, hidden: tuple[str, ...], found: str
) -> None:
    run = anchored.run_id
    changes = {
        "last": [text.format(run=run) for text in LAST_ROW],
        "cut": [text.format(run=run) for text in CUT],
        "whole": rewrite_chain(anchored, run, "payload = '{}'"),
        "nothing": [],
    }[what]
    with tampered(anchored, *changes, *hidden):
        assert anchored.call("audit.verify_chain", chain_id=run) == []
        assert found in find(anchored, tmp_path)
        if not hidden:
            breaks = anchored.sql("select * from inv.an_anchor_holds_its_event")
            assert [found in b["what"] for b in breaks].count(True) >= 1
    assert find(anchored, tmp_path) == set()


def test_a_run_that_was_rewritten_with_its_root_is_named(anchored: Desk) -> None:
    engine = anchored.one(
        "select root_chain_id from audit.chains where chain_id = %s", anchored.run_id
    )
    root = anchored.one("select root_seq from audit.chains where chain_id = %s", anchored.run_id)
    with tampered(anchored, f"update audit.events set payload = '{{}}' where chain_id = '{engine}'"
                            f" and event_seq = {root}"):  # fmt: skip
        rows = anchored.call("audit.verify_chain", chain_id=anchored.run_id)
    assert [r["finding"] for r in rows] == ["the root is no event of its engine"]


@pytest.mark.parametrize("damage", ["cut", "gone", "flipped", "torn"])
def test_a_file_that_was_cut_is_named_and_nothing_more_is_signed(
    anchored: Desk, tmp_path: Path, damage: str
) -> None:
    path = Book(tmp_path, "TEST").files[0]
    data = path.read_bytes()
    cut = data[: data[:-1].rindex(b"\n") + 1]
    spoiled = {
        "cut": cut,
        "flipped": data.replace(b'"anchor_no":2', b'"anchor_no":3'),
        "torn": data[:-1],
    }
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(spoiled[damage])
    assert find(anchored, tmp_path)
    append(anchored, "RUN_HALTED")
    if damage != "flipped":  # a line in the middle shows to who reads all of it
        with pytest.raises(MqkError, match="MQG66"):
            publish(anchored, tmp_path)


@pytest.mark.parametrize("end", ["cut", "gone", "another hash", "from the future"])
def test_the_database_gives_nothing_to_sign_after_a_file_that_ends_elsewhere(
    anchored: Desk, tmp_path: Path, end: str
) -> None:
    rows = [row for _, _, row in Book(tmp_path, "TEST").read()]
    last = Book(tmp_path, "TEST").read_end()
    assert isinstance(last, dict)
    told = {
        "cut": rows[-2],
        "gone": None,
        "another hash": {**last, "anchor_hash": "0" * 64},
        "from the future": {**last, "anchor_no": last["anchor_no"] + 1},
    }[end]
    append(anchored, "RUN_HALTED")
    worker = anchor_tick(anchored, tmp_path)
    worker.lead()
    args = {**worker.lease, "key_id": PUBLIC, "now_at": anchored.now}
    with pytest.raises(MqkError, match="MQG66"), anchored.conn.transaction():
        anchored.call("io.claim_anchor", **args, file_end=told)
    assert anchored.call("io.claim_anchor", **args, file_end=last)[0]["is_signed"] is False


def test_a_database_that_was_set_back_signs_nothing(anchored: Desk, tmp_path: Path) -> None:
    append(anchored, "RUN_HALTED")
    with (
        tampered(anchored, "delete from audit.anchors where anchor_no > 1"),
        pytest.raises(MqkError, match="MQG66"),
        anchored.conn.transaction(),
    ):
        publish(anchored, tmp_path)


def test_files_rotate_and_the_hash_goes_on(
    anchored: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mqk.auditing.book.ROTATE_BYTES", 1)
    first = Book(tmp_path, "TEST").files[0]
    stood = first.read_bytes()
    for _ in range(3):
        append(anchored, "RUN_HALTED")
        publish(anchored, tmp_path)
    files = Book(tmp_path, "TEST").files
    assert len(files) >= 4
    assert first.read_bytes() == stood
    assert find(anchored, tmp_path) == set()
    files[1].unlink()
    assert {"an anchor is missing", "the link to the anchor before is broken"} <= find(
        anchored, tmp_path
    )


def test_two_writers_of_a_file_do_not_follow_the_same_anchor(
    anchored: Desk, tmp_path: Path
) -> None:
    book, signer = Book(tmp_path, "TEST"), Signer(SECRET)
    last = book.read_end()
    assert last is not None
    row = {k: v for k, v in last.items() if k not in ("anchor_hash", "signature")}
    row |= {"anchor_no": last["anchor_no"] + 1, "prev_hash": last["anchor_hash"]}
    book.append(signer.sign(row))
    with pytest.raises(MqkError, match="does not follow"):
        book.append(signer.sign(row))


FORGERIES = {
    "another number": {"anchor_no": 99},
    "another link": {"prev_hash": "0" * 64},
    "another event": {"event_hash": "0" * 64},
    "another reason": {"reason": "NONE"},
    "no key": {"key_id": "ab"},
    "no signature": {"signature": ""},
}


@pytest.mark.parametrize("change", FORGERIES.values(), ids=FORGERIES.keys())
def test_an_anchor_that_does_not_fit_has_no_place(
    anchored: Desk, tmp_path: Path, change: dict[str, Any]
) -> None:
    append(anchored, "RUN_HALTED")
    worker = anchor_tick(anchored, tmp_path)
    worker.lead()
    told = {"file_end": worker.wires["book"].read_end(), "key_id": PUBLIC}
    due = anchored.call("io.claim_anchor", **worker.lease, **told, now_at=anchored.now)[0]["anchor"]
    good = worker.wires["signer"].sign(due)
    door = {**worker.lease, "file_name": "f", "now_at": anchored.now}
    with pytest.raises(MqkError) as no:
        anchored.call("io.record_anchor", **door, anchor={**good, **change})
    assert no.value.code in ("23503", "23514")
    with pytest.raises(MqkError, match="MQA66"):
        anchored.call("io.record_anchor", **door, anchor={**good, "anchor_hash": "0" * 64})
    anchored.call("io.record_anchor", **door, anchor=good)


@pytest.mark.parametrize("change", [
    "update audit.anchors set signature = repeat('0', 128)", "delete from audit.anchors",
    "truncate audit.anchors"])  # fmt: skip
def test_anchors_are_append_only(anchored: Desk, change: str) -> None:
    with pytest.raises(psycopg.Error):
        anchored.sql(change)


def test_the_real_worker_as_its_own_login(running: Desk, db: Database, tmp_path: Path) -> None:
    wait(running, MINUTE)
    with connect(worker_url(db.url, "anchor")) as conn:
        worker = anchor_tick(running, tmp_path, conn)
        assert anchor.tick(worker) >= 3
        assert worker.conn is conn
    assert find(running, tmp_path) == set()
    assert canonical(read_anchors(tmp_path)[0]) in Book(tmp_path, "TEST").files[0].read_text()


@pytest.mark.parametrize(("mode", "anchors", "minutes", "said"), [
    ("PAPER", 0, 9, (False, True)), ("LIVE", 0, 9, (True, False)), ("LIVE", 1, 1, (False, True)),
    ("PAPER", 1, 5, (False, True)), ("PAPER", 1, 6, (False, False)),
    ("LIVE", 1, 6, (True, False))])  # fmt: skip
def test_the_doctor_says_when_an_armed_engine_is_not_anchored(
    running: Desk, tmp_path: Path, mode: str, anchors: int, minutes: int, said: tuple[bool, bool]
) -> None:
    if anchors:
        for _ in range(2):
            wait(running, MINUTE)
            publish(running, tmp_path)
    with tampered(running, f"update run.runs set mode = '{mode}', clock_kind = 'SERVER',"
                  " needs_deadman_file = true",
                  "delete from audit.events where chain_id in"
                  " (select chain_id from audit.chains where engine_id = 'DESK')"):  # fmt: skip
        append(running)
        wait(running, minutes * MINUTE)
        row = running.call("ops.check_anchors", now_at=running.now)[0]
    assert (row["is_must"], row["is_ok"]) == said, row["finding"]


@pytest.fixture
def keyless(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No key in the environment."""
    monkeypatch.delenv("MQK_ANCHOR_KEY", raising=False)
    yield


@pytest.mark.parametrize("secret", ["", "not hex", "ab"])
def test_a_missing_or_bad_key_is_refused_and_never_shown(keyless: None, secret: str) -> None:
    with pytest.raises(MqkError) as no:
        Signer(secret)
    assert no.value.code == "MQG67"
    assert not secret or secret not in json.dumps(no.value.as_dict())
