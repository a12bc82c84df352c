"""A desk with an anchor worker, bundles of it, and what only who has the database's files could do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from kit import Desk
from mqk.auditing.book import Book, Signer
from mqk.auditing.export import export
from mqk.worker import Tick
from mqk.workers import anchor

SECRET = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"  # RFC 8032, 7.1, test 1
PUBLIC = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"


def anchor_tick(desk: Desk, folder: Path, conn: Any = None) -> Tick:
    """An anchor worker of the desk that publishes in `folder`."""
    made = Tick(conn or desk.conn, desk.run, "anchor", "anchor@test", desk.clock)
    made.wires.update(signer=Signer(SECRET), book=Book(folder, "TEST"))
    return made


def publish(desk: Desk, folder: Path) -> int:
    """One tick of the anchor worker; gives how many anchors it published."""
    return anchor.tick(anchor_tick(desk, folder))


def read_anchors(folder: Path) -> list[dict[str, Any]]:
    """The published anchors, in order."""
    return [row for _, _, row in Book(folder, "TEST").read() if isinstance(row, dict)]


def bundle(desk: Desk, folder: Path) -> Path:
    """A bundle of all of the desk's chains, in a new folder."""
    export(desk.call, folder, "TEST", None)
    return folder


@contextmanager
def tampered(desk: Desk, *changes: str) -> Iterator[None]:
    """The database while somebody behind its guards has changed it; put right at the end."""
    with desk.conn.transaction():
        desk.sql("set local session_replication_role = replica")
        for change in changes:
            desk.sql(change)
        yield
        raise psycopg.Rollback


def rewrite_chain(desk: Desk, chain: Any, change: str) -> list[str]:
    """Statements that rewrite a chain from event 3 on with true hashes and a true head."""
    last = desk.one("select last_seq from audit.chains where chain_id = %s", chain)
    here = f"chain_id = '{chain}'"
    made = [f"update audit.events set {change} where {here} and event_seq = 3"]
    made += [
        "update audit.events as e set prev_hash = p.event_hash from audit.events as p"
        f" where e.{here} and e.event_seq = {seq} and p.{here} and p.event_seq = {seq - 1}"
        for seq in range(4, last + 1)
    ]
    head = f"select event_hash from audit.events where {here} and event_seq = {last}"
    return [*made, f"update audit.chains set last_hash = ({head}) where {here}"]
