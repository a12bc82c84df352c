"""Laws of the diary: nothing is missing, nothing is changed, and a change shows where it was made."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from kit import Desk
from support import Database


def verify(desk: Desk) -> list[tuple[int, str]]:
    """Findings of the run's chain."""
    rows = desk.call("audit.verify_chain", chain_id=desk.run_id)
    return [(row["event_seq"], row["finding"]) for row in rows]


@pytest.fixture
def victim(db: Any) -> Iterator[Desk]:
    """A running desk whose promises we are about to break."""
    desk = Desk(db.url)
    desk.start()
    yield desk
    desk.conn.close()


def tamper(desk: Desk, change: str) -> None:
    """What only somebody with the database's files could do."""
    with desk.conn.transaction():
        desk.sql("set local session_replication_role = replica")
        desk.sql(change)


def test_the_chain_of_a_real_run_holds(running: Desk) -> None:
    running.buy(2)
    assert verify(running) == []
    assert running.one("select count(*) from audit.events") > 20


def test_the_hash_recomputes_outside_the_database(running: Desk) -> None:
    rows = running.sql("select *, payload::text as text from audit.events order by event_seq")
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    for row in rows:
        micros = [(row[at] - epoch) // datetime.resolution for at in ("occurred_at", "reported_at")]
        lines = ("mqk.audit.v1", row["chain_id"], row["event_seq"], row["prev_hash"], *micros,
                 row["actor"], row["topic"], row["event_name"], row["text"])  # fmt: skip
        text = "\n".join(map(str, lines))
        assert hashlib.sha256(text.encode()).hexdigest() == row["event_hash"]


def test_every_column_of_the_diary_is_in_its_hash(db: Database) -> None:
    with db.connect() as conn:
        columns = conn.execute(
            "select a.attname as name, a.attgenerated::text as generated,"
            " pg_get_expr(d.adbin, d.adrelid) as said from pg_attribute as a"
            " left join pg_attrdef as d on (d.adrelid, d.adnum) = (a.attrelid, a.attnum)"
            " where a.attrelid = 'audit.events'::regclass and a.attnum > 0"
        ).fetchall()
    hashed = next(c["said"] for c in columns if c["name"] == "event_hash")
    given = [c["name"] for c in columns if not c["generated"]]
    assert len(given) == 9
    assert [name for name in given if not re.search(rf"\b{name}\b", hashed)] == []


@pytest.mark.parametrize(
    "change",
    [
        "update audit.events set payload = '{}' where event_seq = 3",
        "delete from audit.events where event_seq = 3",
        "truncate audit.events cascade",
        "update audit.chains set last_seq = last_seq - 1",
        "update audit.chains set last_hash = root_hash",
        "delete from audit.chains",
    ],
)
def test_the_diary_cannot_be_changed_even_by_its_owner(running: Desk, change: str) -> None:
    with pytest.raises(psycopg.Error):
        running.sql(change)
    assert verify(running) == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("payload", "'{\"forged\": true}'"),
        ("actor", "'somebody'"),
        ("topic", "'RISK'"),
        ("event_name", "'NOTHING_HAPPENED'"),
        ("occurred_at", "occurred_at + interval '1 us'"),
        ("reported_at", "reported_at + interval '1 us'"),
    ],
)
def test_a_changed_event_shows_where_it_was_changed(victim: Desk, column: str, value: str) -> None:
    where = f"chain_id = '{victim.run_id}' and event_seq = 5"
    tamper(victim, f"update audit.events set {column} = {value} where {where}")
    findings = verify(victim)
    assert findings
    assert {seq for seq, _ in findings} <= {5, 6}


def test_a_removed_event_shows(victim: Desk) -> None:
    tamper(victim, f"delete from audit.events where chain_id = '{victim.run_id}' and event_seq = 5")
    assert (6, "an event is missing") in verify(victim)


def test_a_cut_tail_shows_against_the_head(victim: Desk) -> None:
    last = victim.one("select max(event_seq) from audit.events where chain_id = %s", victim.run_id)
    tamper(
        victim,
        f"delete from audit.events where chain_id = '{victim.run_id}' and event_seq = {last}",
    )
    assert verify(victim) == [(last, "the head is not the last event")]
    shown = {r["finding"] for r in victim.call("api.audit_verify") if r["finding"]}
    assert shown == {"the head is not the last event"}


def test_an_event_follows_the_one_before_it_or_is_refused(running: Desk) -> None:
    with pytest.raises(psycopg.Error):
        running.sql(
            "insert into audit.events (chain_id, event_seq, prev_hash, occurred_at, reported_at,"
            " actor, topic, event_name, payload)"
            " select chain_id, last_seq + 1, repeat('0', 64), last_at, last_at, 'x', 'RISK',"
            " 'FORGED', '{}' from audit.chains where chain_id = %s",
            running.run_id,
        )


def test_time_never_goes_back_in_the_diary(running: Desk) -> None:
    early = datetime(2000, 1, 1, tzinfo=UTC)
    append: dict[str, Any] = {"chain_id": running.run_id, "topic": "RISK", "event_name": "LATE"}
    running.call("audit.append_event", **append, payload={}, now_at=early)
    row = running.sql("select * from audit.events where event_name = 'LATE'")[0]
    assert row["reported_at"] == early
    assert row["occurred_at"] > early
    assert verify(running) == []
