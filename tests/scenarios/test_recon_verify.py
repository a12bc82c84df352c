"""Laws of the proof: what a reconcile found can be computed again by anybody, and forged by nobody."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner

from kit import Desk
from mqk.cli.main import main
from recon_kit import send, settle, submit, trade, wait

DIFFERENCES = {
    "update recon.drifts set ours = '1'": "kept are not those that were judged",
    "update recon.drifts set is_settled = not is_settled": "kept are not those that were judged",
    "delete from recon.drifts": "kept are not those that were judged",
    'update recon.snapshots set document = document || \'{"cash": "0"}\'': "not the one that",
    "update recon.snapshots set document = document || '{\"orders\": []}'": "not the one that",
    "update recon.comparisons set books = books || '{\"cash_micros\": 5}'": "other differences",
    "update recon.tolerances set grace_ms = 60000": "other differences",
    "update recon.comparisons set cash_drifts = 0, unsettled_drifts = 0": "counts",
    "update ledger.entries set cash_micros = 1 where entry_seq > 1": "cash is not the ledger's",
    "update ledger.fills set fill_qty = fill_qty + 1": "positions are not the fills'",
    "delete from ledger.fills": "positions are not the fills'",
    "update oms.order_history set cum_qty = cum_qty + 1": "orders are not the history's",
}


def verify(desk: Desk) -> dict[str, Any]:
    """What api.recon_verify says of the run."""
    return dict(desk.call("api.recon_verify", run_id=desk.run_id)[0])


def test_every_comparison_comes_out_the_same_again(given_desk: Desk) -> None:
    trade(given_desk)
    submit(given_desk, orders=[{"client_order_id": "manual-1"}, None], positions=[None])
    settle(given_desk, cash="1")
    submit(given_desk, account_id="PAPER-OTHER-0001")
    found = verify(given_desk)
    assert (found["snapshot_seq"], found["problem"]) == (None, None)
    assert found["comparisons"] == given_desk.one("select count(*) from recon.snapshots")


def test_a_comparison_is_recomputable_after_its_repair(given_desk: Desk) -> None:
    send(given_desk, heard=False)
    settle(given_desk)
    submit(given_desk)
    assert verify(given_desk)["problem"] is None


@pytest.mark.parametrize(("forgery", "problem"), DIFFERENCES.items())
def test_what_was_forged_is_named_with_its_snapshot(
    given_desk: Desk, forgery: str, problem: str
) -> None:
    trade(given_desk)
    settle(given_desk, cash="1")
    last = given_desk.one("select max(snapshot_seq) from recon.snapshots")
    given_desk.sql("begin")
    given_desk.sql("set local session_replication_role = replica")
    given_desk.sql(forgery)
    found = verify(given_desk)
    given_desk.sql("rollback")
    assert problem in str(found["problem"])
    assert 1 <= found["snapshot_seq"] <= last


def test_the_first_difference_is_the_one_that_is_named(given_desk: Desk) -> None:
    for _ in range(3):
        submit(given_desk)
    given_desk.sql("begin")
    given_desk.sql("set local session_replication_role = replica")
    given_desk.sql(
        'update recon.snapshots set document = document || \'{"cash": "0"}\''
        " where snapshot_seq >= 2"
    )
    assert verify(given_desk)["snapshot_seq"] == 2
    given_desk.sql("rollback")


def test_the_hash_of_a_result_covers_snapshot_books_and_differences(given_desk: Desk) -> None:
    trade(given_desk)
    submit(given_desk, cash="1")
    query = "select result_sha256 from recon.comparisons order by snapshot_seq desc limit 1"
    before = given_desk.one(query)
    for change in ("books = '{}'", "drifts_sha256 = ''", "document_sha256 = ''", "cash_drifts = 9"):
        given_desk.sql("begin")
        given_desk.sql("set local session_replication_role = replica")
        given_desk.sql(f"update recon.comparisons set {change}")
        assert given_desk.one(query) != before
        given_desk.sql("rollback")


def test_the_hash_of_a_result_is_in_the_diary(given_desk: Desk) -> None:
    submit(given_desk)
    said = given_desk.one(
        "select payload ->> 'result_sha256' from audit.events where event_name = 'COMPARED_CLEAN'"
        " order by event_seq desc limit 1"
    )
    assert said == given_desk.one(
        "select result_sha256 from recon.comparisons order by snapshot_seq desc limit 1"
    )


def test_the_time_zone_of_who_verifies_does_not_matter(given_desk: Desk) -> None:
    wait(given_desk)
    submit(given_desk, cash="1")
    given_desk.sql("set time zone 'Asia/Kathmandu'")
    assert verify(given_desk)["problem"] is None


def test_the_command_exits_with_4_when_a_comparison_was_forged(
    given_desk: Desk, db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MQK_DATABASE_URL", db.url)
    command = ["recon", "verify", str(given_desk.run_id)]
    assert CliRunner().invoke(main, command).exit_code == 0
    given_desk.sql("set session_replication_role = replica")
    given_desk.sql("update recon.comparisons set info_drifts = 7")
    forged = CliRunner().invoke(main, command)
    given_desk.sql("update recon.comparisons set info_drifts = 0")
    given_desk.sql("set session_replication_role = default")
    assert forged.exit_code == 4
    assert "counts are not those" in str(forged.output)
