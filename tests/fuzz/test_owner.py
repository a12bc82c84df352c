"""What an owner may change unseen is known, column by column, and does not grow."""

from __future__ import annotations

from random import Random

import pytest

from fuzz.owner import Safe, list_known
from kit import GIVEN, Desk
from support import SERVER

BOOKS = (
    "ledger.entries",
    "ledger.fills",
    "oms.attempts",
    "oms.permits",
    "audit.events",
    "run.run_history",
)


def test_nobody_changes_unseen_but_what_is_listed() -> None:
    with SERVER.clone() as db:
        safe = Safe(db)
        try:
            found = set(safe.search(Random(3)))
            assert sorted(found - list_known()) == []
            assert safe.seen["REFUSED"] > 400
        finally:
            safe.close()


def test_no_column_of_the_books_and_of_the_diary_is_on_the_list() -> None:
    assert [one for one in list_known() if one.startswith(BOOKS)] == []


@pytest.mark.parametrize("table", ["run.run_moves", "recon.drift_kinds", "recon.broker_statuses"])
def test_what_the_statuses_may_do_is_changed_by_nobody(table: str) -> None:
    with SERVER.clone() as db, db.connect() as conn:
        conn.execute("set role mqk_owner")
        for deed in (f"delete from {table}", f"truncate {table} cascade"):
            with pytest.raises(Exception, match="history"):
                conn.execute(deed)


@pytest.mark.parametrize(
    "change",
    ["expires_at = expires_at + interval '1 day'", "lane = 'REDUCING'", "enqueued_at = 'epoch'"],
)
def test_the_terms_of_an_outbox_row_are_pinned(change: str) -> None:
    with SERVER.clone() as db:
        desk = Desk(db.url, strategy=GIVEN)
        desk.start()
        desk.plan(2, AAA=10)
        desk.conn.execute("set role mqk_owner")
        with pytest.raises(Exception, match="history"):
            desk.sql(f"update oms.outbox set {change}")
        desk.conn.execute("reset role")
        desk.tick("gateway")
        assert desk.broken_promises() == []
        desk.conn.close()


def test_the_money_and_the_risk_of_a_run_are_not_deleted() -> None:
    with SERVER.clone() as db:
        desk = Desk(db.url, strategy=GIVEN)
        desk.start()
        desk.conn.execute("set role mqk_owner")
        for table in ("ledger.portfolios", "risk.states"):
            assert desk.one(f"select count(*) from {table}") == 1
            with pytest.raises(Exception, match="history"):
                desk.sql(f"delete from {table}")
        desk.conn.close()
