"""Each promise can be broken by hand behind sleeping constraints, and then says so: no blind guard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from actions_kit import announce
from audit_kit import publish
from kit import GIVEN, Desk
from mqk.config.load import canonical
from recon_kit import wait
from support import SERVER, Database

FLATTENED = {
    "a_reducing_order_reduced",
    "a_flatten_saw_proven_positions",
    "a_halt_has_its_evidence",
    "a_verdict_follows_from_its_numbers",
    "a_run_has_the_limits_of_its_config",
}
SPLIT = {"a_lot_is_its_history", "a_corporate_action_is_applied_once"}
COPY_RUN = (
    "insert into run.runs (run_id, engine_id, run_seq, mode, clock_kind, config_hash, account_id,"
    " as_of_at, initial_cash_micros, deadman_ttl_ms, gate_ttl_ms, needs_deadman_file, run_status,"
    " status_seq, armed_epoch, created_at, created_by) select gen_random_uuid(), engine_id,"
    " run_seq + 1, mode, clock_kind, config_hash, account_id, as_of_at, initial_cash_micros,"
    " deadman_ttl_ms, gate_ttl_ms, needs_deadman_file, run_status, status_seq, armed_epoch,"
    " created_at, created_by from run.runs"
)
PROMOTE = (
    "insert into lab.promotions (promotion_id, backtest_id, profile, reasons, measures, score,"
    " config_hash, data_sha256, digest, build, strategy_id, audit_seq, audit_hash, judged_by,"
    " judged_at) select gen_random_uuid(), backtest_id, 'EXP', array[]::text[], {}, {}, '', '', '',"
    " '', '', 1, '', '', created_at from lab.backtests"
)
# What somebody with the owner's password and no scruples does; the promise that it breaks.
MUTANTS = {
    "a_bar_is_possible": [
        "update md.bars set low_micros = 0",
        "update md.bars set high_micros = close_micros - 1",
        "update md.bars set low_micros = open_micros + 1",
        "update md.bars set volume = -1",
        "update md.ingests set ingested_at = '-infinity'",
        "update md.ingests set timeframe = '5m'",
    ],
    "a_change_is_of_a_sent_order": [
        "update oms.outbox set request_kind = 'CANCEL'; delete from oms.broker_map",
    ],
    "a_dispatch_saw_the_gates_of_then": [
        "update run.gate_history set observed_at = 'infinity' where gate = 'RISK'",
        "insert into run.gate_history select run_id, gate, gate_seq + 1, false, reason, evidence, actor,"
        " observed_at from run.gate_history where gate = 'RISK' and gate_seq = 1",
    ],
    "a_live_arming_had_two_people": [
        "update run.armings set mode = 'LIVE'",
        "update run.armings set mode = 'LIVE', approved_by = armed_by, approved_at = armed_at;"
        " insert into run.approvals select run_id, armed_by, words, armed_at from run.armings",
        "update run.armings set mode = 'LIVE', approved_by = 'b', approved_at = armed_at;"
        " insert into run.approvals select run_id, 'b', 'other words', armed_at from run.armings",
        "update run.armings set mode = 'LIVE', approved_by = 'b',"
        " approved_at = armed_at - interval '16 min';"
        " insert into run.approvals select run_id, 'b', words, approved_at from run.armings",
    ],
    "a_permit_was_in_time": [
        "update oms.permits set permitted_at = permitted_at + interval '2 s'",
        "update oms.permits set permitted_to = 'somebody'",
        "update oms.attempts set permit_expires_at = 'infinity'",
        "delete from oms.attempts",
    ],
    "a_promotion_passed_its_gates": [
        PROMOTE.format("'{}'", "1"),
        PROMOTE.format("'{}'", "'NaN'"),
        PROMOTE.format('\'{"trades": "NaN"}\'', "null"),
    ],
    "a_running_desk_is_as_it_was_armed": [
        "update run.armings set fingerprint = '0'; update run.runs set run_status = 'RUNNING'",
    ],
    "an_arming_had_its_proof": [
        "delete from run.armings",
        "update run.armings set config_hash = '0'",
        "update run.armings set mode = 'SHADOW'",
        "update run.armings set armed_at = '-infinity'",
        "update run.armings set checks = '[]'",
        "update run.armings set checks = jsonb_set(checks, '{0,is_ok}', 'false')",
    ],
    "an_order_is_of_the_universe": [
        "delete from run.universe",
    ],
    "an_order_name_is_its_intents": [
        "update oms.orders set client_order_id = replace(client_order_id, 'TEST', 'OTHER')",
        "update oms.orders set account_id = 'another'",
        "update oms.intents set order_qty = order_qty + 1",
        "delete from oms.intents",
    ],
    "nothing_stored_is_a_secret": [
        "update run.configs set canonical_json = '{\"api_secret\": \"' || md5('a') || md5('b') || '\"}'",
        "update audit.events set payload = jsonb_build_object("
        "'password', 'AKIA' || upper(left(md5('a'), 16)))",
    ],
    "a_backtest_balances": [
        "update lab.backtests set cash_micros = cash_micros + 1",
        "update lab.fills set fee_micros = fee_micros + 1",
        "update lab.orders set filled_qty = filled_qty - 1",
    ],
    "a_bar_names_its_parents": [
        "update md.bars set symbol = 'GONE' where symbol = 'AAA'",
        "update md.bars set ingest_id = '00000000-0000-8000-a000-000000000000'",
    ],
    "a_config_is_its_hash": [
        "update run.configs set canonical_json = canonical_json || ' '",
    ],
    "a_corporate_action_is_applied_once": [
        "update ledger.adjustments set applied_at = effective_at - interval '1 s'",
        "update ledger.adjustments set ratio_num = 5 where action_kind = 'SPLIT'",
        "delete from ledger.entries where entry_kind = 'SPLIT'",
        "update ledger.entries set cash_delta_micros = cash_delta_micros + 1"
        " where entry_kind = 'DIVIDEND'",
        "update ledger.entries set booked_at = booked_at - interval '30 days'"
        " where entry_kind = 'DIVIDEND'",
        "delete from ledger.splits",
        "update ledger.positions set match_no = 1",
    ],
    "a_decision_saw_only_the_past": [
        "update strat.decisions set decided_at = bar_end_at - interval '1 us'",
        "update ledger.fills set executed_at = executed_at - interval '9 days'",
    ],
    "a_dispatch_happened_while_running": [
        "update oms.attempts set begun_at = begun_at - interval '30 days'",
    ],
    "a_dispatch_saw_open_gates": [
        "update oms.attempts set gates_expire_at = begun_at",
        "update run.gate_history set is_open = false where gate = 'RISK'",
        "update oms.attempts set recon_gate_seq = 999",
    ],
    "a_fill_belongs_to_an_attempt": ["delete from oms.attempts"],
    "a_fill_is_booked_once": [
        "delete from oms.inbox where fill_seq is not null",
        "delete from ledger.entries where fill_seq is not null",
    ],
    "a_halt_is_told": [
        "update audit.events set event_name = 'RUN_HALTED' where event_name = 'RUN_RUNNING'",
    ],
    "a_lot_is_its_history": [
        "update ledger.lots set open_cost_micros = open_cost_micros + 1",
        "update ledger.lots set open_qty = open_qty + 1",
        "update ledger.lots set split_qty = split_qty + 1",
        "delete from ledger.lot_splits",
        "update ledger.splits set cost_micros = cost_micros + 1",
        "update ledger.splits set reference_micros = reference_micros + 1",
    ],
    "a_live_arming_was_promoted": ["update run.armings set mode = 'LIVE'"],
    "a_portfolio_is_its_last_entry": [
        "update ledger.portfolios set cash_micros = cash_micros + 1",
        "update ledger.portfolios set entry_seq = entry_seq - 1",
    ],
    "a_position_has_its_stop": [
        "update strat.assignments set stop_bps = 500; update run.runs set run_status = 'RUNNING';"
        " insert into oms.stop_plans select run_id, 'infinity' from run.runs",
    ],
    "a_position_is_its_fills": [
        "update ledger.fills set fill_qty = fill_qty + 1",
        "delete from ledger.positions",
    ],
    "a_position_is_its_lots": [
        "update ledger.lots set entry_price_micros = entry_price_micros + 1,"
        " open_cost_micros = open_cost_micros + open_qty",
        "update ledger.positions set position_qty = position_qty + 1",
    ],
    "a_run_follows_its_moves": [
        "update run.runs set run_status = 'STOPPED'",
        "delete from run.run_moves where from_status = 'ARMED'",
        "update run.run_history set from_status = 'STOPPED' where to_status = 'ARMED'",
        "update run.run_history set moved_at = 'infinity' where history_seq = 1",
    ],
    "a_run_in_doubt_is_not_armed": [
        "update oms.outbox set outbox_status = 'AMBIGUOUS'",
        "update oms.inbox set disposition = 'QUARANTINED'",
    ],
    "an_anchor_holds_its_event": [
        "update audit.anchors set anchor_no = 9 where anchor_no = 2",
        "update audit.anchors set prev_hash = repeat('0', 64) where anchor_no = 2",
        "delete from audit.events where (chain_id, event_seq) in"
        " (select chain_id, event_seq from audit.anchors where anchor_no = 2)",
        "update audit.events set payload = '{}' where (chain_id, event_seq) in"
        " (select chain_id, event_seq from audit.anchors where anchor_no = 2)",
    ],
    "a_second_attempt_has_a_proof": [
        "update oms.attempts set attempt_no = 2",
    ],
    "a_sent_order_is_mapped": ["delete from oms.broker_map"],
    "a_sent_order_was_dispatched": [
        "delete from oms.attempts",
        "delete from oms.permits",
        "delete from oms.outbox_history where to_status = 'SENT'",
    ],
    "a_shut_gate_halts": ["update run.gates set is_open = false where gate = 'RECON'"],
    "a_verdict_is_its_counts": [
        "insert into recon.drifts select run_id, snapshot_seq, 'CASH', 'USD', '1', '2', compared_at,"
        " false, true from recon.comparisons limit 1",
        "update recon.comparisons set cash_drifts = 1",
        "update recon.drift_kinds set severity = 'INFO'",
    ],
    "a_reconcile_can_be_recomputed": [
        "delete from recon.drifts",
        "update recon.snapshots set document = '{}'",
        "update recon.comparisons set books = jsonb_set(books, '{cash_micros}', '1')",
        "update recon.comparisons set books = jsonb_set(books, '{entry_seq}', '1')",
    ],
    "a_bar_is_of_a_listing": [
        "insert into ref.listings (symbol, effective_on, is_listed, follows_on)"
        " values ('AAA', '2024-01-03', false, '-infinity')",
        "update ref.listings set effective_on = '2024-01-03'",
    ],
    "a_clean_reconcile_agrees": [
        'update recon.snapshots set document = document || \'{"cash": "1"}\'',
        "update recon.snapshots set document = document || '{\"positions\": []}'",
    ],
    "a_dirty_run_is_not_armed": [
        "update recon.comparisons set cash_drifts = 1",
    ],
    "a_reducing_order_reduced": [
        "update oms.attempts set order_qty = order_qty * 3 where lane = 'REDUCING'",
        "update oms.attempts set sell_qty = 1 where lane = 'REDUCING'",
        "update oms.attempts set held_qty = held_qty + 1 where lane = 'REDUCING'",
        "update oms.attempts set begun_at = begun_at - interval '30 d' where lane = 'REDUCING'",
    ],
    "a_flatten_saw_proven_positions": [
        "update oms.attempts set gates_expire_at = begun_at where lane = 'REDUCING'",
        "update oms.attempts set recon_gate_seq = 99 where lane = 'REDUCING'",
        "update oms.attempts set continuity_gate_seq = null where lane = 'REDUCING'",
        "update oms.attempts set flatten_seq = 1 where lane = 'REDUCING'",
        "delete from risk.flattens",
        "update risk.flattens set asked_at = 'infinity'",
        "update run.run_history set moved_at = '-infinity' where from_status = 'HALTED'",
    ],
    "a_halt_has_its_evidence": [
        "delete from run.trips",
        "update run.trips set evidence = '{}'",
        "update run.trips set halted_seq = 1",
        "update run.trips set tripped_at = '-infinity'",
    ],
    "a_run_has_the_limits_of_its_config": [
        "update risk.limits set max_leverage_bps = max_leverage_bps + 1",
        "delete from risk.limits",
    ],
    "a_verdict_follows_from_its_numbers": [
        "update risk.decisions set numbers = jsonb_set(numbers, '{mark_micros}', '1000000000000')",
        "update risk.decisions set numbers = jsonb_set(numbers, '{restriction}', '\"TRADE\"')",
        "update risk.decisions set order_qty = order_qty + 1",
        "update risk.limits set max_order_qty = 1",
        "update risk.decisions set verdict = 'DENY', rule = 'RESTRICTED'",
    ],
    "a_repair_never_fills": [
        "update oms.order_history as h set cum_qty = 9 from recon.repairs as r"
        " where (h.run_id, h.order_id, h.history_seq) = (r.run_id, r.order_id, r.history_seq)",
        "update recon.repairs set to_status = 'EXPIRED'",
        "delete from recon.drifts",
    ],
    "a_snapshot_follows_the_one_before": [
        "update recon.snapshots set captured_at = received_at - interval '9 d' where snapshot_seq = 3",
        "delete from recon.snapshots where snapshot_seq = 2",
    ],
    "an_open_reconcile_was_clean": [
        "update recon.comparisons set unsettled_drifts = 1",
        "update run.gate_history set evidence = '{}' where gate = 'RECON'",
    ],
    "an_order_in_our_name_is_known": [
        "update recon.snapshots set document = jsonb_set(document, '{orders,0,client_order_id}',"
        " '\"TEST_nobody\"')",
        "delete from oms.broker_map",
    ],
    "an_applied_fill_is_booked": [
        "update oms.inbox set disposition = 'STALE' where fill_seq is not null",
    ],
    "an_attempt_had_the_lease": [
        "update oms.attempts set lease_epoch = 99",
        "update oms.attempts set begun_at = lease_expires_at",
        "update oms.attempts set begun_by = 'somebody'",
        "update run.lease_history set taken_at = taken_at + interval '30 days'",
        "insert into run.lease_history (engine_id, account_id, worker_kind, lease_epoch, run_id,"
        " worker_name, worker_token, actor, prior_ends_at, taken_at) select engine_id, account_id,"
        " worker_kind, lease_epoch + 1, run_id, 'x', 'x', actor, taken_at, taken_at"
        " from run.lease_history where worker_kind = 'gateway' and lease_epoch = 2",
    ],
    "an_order_counts_its_fills": ["update oms.orders set cum_qty = cum_qty - 1"],
    "an_order_follows_its_moves": [
        "delete from oms.order_moves where to_status = 'FILLED'",
        "update oms.order_history set cum_qty = 99 where history_seq = 1",
        "update oms.order_history set moved_at = 'infinity' where history_seq = 1",
        "delete from oms.order_history where history_seq = 1",
    ],
    "an_order_has_its_targets_terms": [
        "update oms.orders set order_type = 'LIMIT', limit_price_micros = 1",
        "update oms.orders set time_in_force = 'GTC'",
        "update strat.targets set order_type = 'STOP', stop_price_micros = 1",
        "update risk.decisions set numbers = numbers || '{\"limit_micros\": 1}'",
    ],
    "an_order_was_allowed": [
        "update oms.orders set order_qty = order_qty + 1",
        "update risk.decisions set verdict = 'DENY', rule = 'X'",
    ],
    "an_outbox_row_follows_its_moves": [
        "delete from oms.outbox_moves where to_status = 'SENT'",
        "update oms.outbox_history set moved_at = 'infinity' where history_seq = 1",
        "delete from oms.outbox_history where history_seq = 2",
    ],
    "an_overfill_halts": ["update oms.orders set cum_qty = abs(order_qty) + 1"],
    "every_run_is_in_the_diary": [
        "delete from audit.chains where chain_kind = 'RUN'",
        "delete from audit.events where event_name = 'OUTBOX_DISPATCHING'",
        "delete from audit.events where event_name = 'RUN_ARMED'",
    ],
    "one_active_run_per_account": [COPY_RUN],
    "one_live_run_per_engine": ["update run.runs set mode = 'LIVE'; " + COPY_RUN],
    "one_leader_at_a_time": [
        "update run.leases set lease_epoch = lease_epoch + 1",
        "update run.lease_history set lease_epoch = lease_epoch + 100",
        "update run.lease_history set lease_epoch = lease_epoch - 100",
        "insert into run.lease_history (engine_id, account_id, worker_kind, lease_epoch, run_id,"
        " worker_name, worker_token, actor, prior_ends_at, taken_at) select engine_id, account_id,"
        " worker_kind, lease_epoch + 1, run_id, 'x', 'x', actor, taken_at, taken_at"
        " from run.lease_history where worker_kind = 'snapshots'",
        "insert into run.lease_history (engine_id, account_id, worker_kind, lease_epoch, run_id,"
        " worker_name, worker_token, actor, prior_ends_at, taken_at) select engine_id, account_id,"
        " worker_kind, lease_epoch + 1, run_id, 'x', 'x', actor, taken_at + interval '2 s',"
        " taken_at + interval '1 s' from run.lease_history where worker_kind = 'snapshots';"
        " update run.leases set lease_epoch = 2 where worker_kind = 'snapshots'",
    ],
    "realized_profit_is_its_closes": [
        "update ledger.lot_closes set closed_qty = closed_qty + 1",
        "update ledger.positions set realized_micros = realized_micros + 1",
        "update ledger.portfolios set realized_micros = realized_micros + 1",
    ],
    "the_diary_is_whole": [
        "update audit.events set payload = '{}' where event_seq = 2",
        "delete from audit.events where event_seq = 2",
    ],
    "the_ledger_balances": [
        "update ledger.entries set cash_micros = cash_micros + 1 where entry_seq = 2",
        "update ledger.entries set cash_micros = cash_micros + 1,"
        " realized_micros = realized_micros + 1 where entry_seq = 2",
    ],
}


def backtest(desk: Desk) -> None:
    """The backtest of a desk that buys ten on the second bar."""
    made = desk.call(
        "lab.freeze_dataset",
        timeframe="1D",
        symbols=["AAA", "BBB"],
        from_on=desk.days[0],
        to_on=desk.days[3],
        now_at=desk.now,
    )[0]
    config = {"dataset_id": made["dataset_id"], "canonical_json": canonical(desk.config)}
    test = desk.call(
        "lab.open_backtest", code_sha256=None, **config, latency_bars=0, now_at=desk.now
    )[0]["backtest_id"]
    desk.sql("insert into lab.signals values (%s, 2, 1, 'SHARES', 10)", test)
    done = desk.call("lab.run_backtest", backtest_id=test, id_base=None, now_at=desk.now)[0]
    assert (done["fills"], done["backtest_status"]) == (1, "COMPLETED")


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A running desk that has bought ten and sold four: every room has rows."""
    with SERVER.clone() as db:
        desk = Desk(db.url, strategy=GIVEN)
        desk.start()
        for index, target, price in ((2, 10, 100), (4, 6, 110)):
            desk.plan(index, AAA=target)
            desk.tick("gateway")
            desk.close(index + 1, ticks=("marketdata", "broker_events"), AAA=price, BBB=50)
        desk.plan(6, AAA=6, BBB=1)
        desk.tick("gateway")  # its ack is never heard: reconcile takes it from the snapshot
        for _ in range(3):
            wait(desk, 5)
            desk.tick("snapshots")
        backtest(desk)
        assert publish(desk, tmp_path_factory.mktemp("anchors")) >= 2
        desk.call("io.claim_notices", run_id=desk.run_id, worker_name="n", now_at=desk.now)
        assert desk.one("select count(*) from recon.repairs") == 1
        assert desk.one("select count(*) from ledger.lot_closes") == 1
        assert desk.broken_promises() == []
        desk.conn.close()
        yield db


@pytest.fixture(scope="module")
def flattened() -> Iterator[Database]:
    """A desk that a person had close everything, and whose halt was cleared."""
    with SERVER.clone() as db:
        desk = Desk(db.url, strategy=GIVEN)
        desk.start()
        desk.plan(2, AAA=10)
        desk.tick("gateway")
        desk.close(3, ticks=("marketdata", "broker_events", "snapshots"), AAA=100, BBB=50)
        desk.act("run_flatten", run_id=desk.run_id, reason="fire")
        for _ in range(3):
            desk.tick("gateway", "broker_events")
        desk.close(4, ticks=("marketdata", "broker_events", "snapshots"), AAA=100, BBB=50)
        desk.tick("gateway")
        assert desk.one("select done_at is not null from risk.flattens")
        desk.act("run_clear_halted", run_id=desk.run_id, reason="it is over")
        assert desk.broken_promises() == []
        desk.conn.close()
        yield db


@pytest.fixture(scope="module")
def split() -> Iterator[Database]:
    """A desk that lived through a reverse split with a fraction, and a dividend."""
    with SERVER.clone() as db:
        desk = Desk(db.url, strategy=GIVEN)
        desk.start()
        desk.plan(2, AAA=7)
        desk.tick("gateway")
        announce(desk, 4, ratio="1:2")
        announce(desk, 4, amount="1", paid=4)
        for index, price in ((3, 100), (4, 200)):
            desk.close(index, ticks=("marketdata", "broker_events", "snapshots"), AAA=price, BBB=50)
        assert desk.broken_promises() == []
        desk.conn.close()
        yield db


def drop_walls(conn: Any) -> None:
    """Take away what sleeping triggers leave: checks and unique indexes that no key refers to."""
    rooms = "('audit', 'run', 'md', 'ledger', 'strat', 'risk', 'oms', 'recon', 'pager', 'lab')"
    checks = conn.execute(
        "select conrelid::regclass::text as t, conname as c from pg_constraint"
        f" where contype = 'c' and connamespace::regnamespace::text in {rooms}"
    ).fetchall()
    for row in checks:
        conn.execute(f"alter table {row['t']} drop constraint {row['c']}")
    indexes = conn.execute(
        "select indexrelid::regclass::text as i from pg_index where indisunique and not exists ("
        " select from pg_constraint where conindid = indexrelid) and indrelid in ("
        f" select oid from pg_class where relnamespace::regnamespace::text in {rooms})"
    ).fetchall()
    for row in indexes:
        conn.execute(f"drop index {row['i']}")


def test_every_promise_has_a_mutant(conn: Any) -> None:
    views = conn.execute(
        "select viewname as name from pg_views where schemaname = 'inv' order by 1"
    ).fetchall()
    assert [view["name"] for view in views] == sorted(MUTANTS)


@pytest.mark.parametrize(
    ("promise", "mutant"), [(p, m) for p, mutants in MUTANTS.items() for m in mutants]
)
def test_a_broken_promise_is_seen(
    request: pytest.FixtureRequest, promise: str, mutant: str
) -> None:
    db: Database = request.getfixturevalue(
        "flattened" if promise in FLATTENED else "split" if promise in SPLIT else "scene"
    )
    with db.connect() as conn, conn.transaction(force_rollback=True):
        conn.execute("set local session_replication_role = replica")
        drop_walls(conn)
        conn.execute(mutant)
        broken = conn.execute("select * from inv.verify_all() where violations > 0").fetchall()
        assert promise in [row["invariant"] for row in broken]


@pytest.mark.parametrize(
    "change",
    [
        "alter table oms.orders drop constraint orders_qty_is_not_zero",
        "alter table oms.attempts disable trigger user",
        "grant execute on function oms.get_permit(uuid, bigint, integer, timestamptz) to mqk_readonly",
        "create or replace function oms.is_fill(p_message oms.inbox) returns boolean"
        " language sql return true",
    ],
)
def test_a_desk_that_is_not_as_it_was_armed_is_seen(scene: Database, change: str) -> None:
    with scene.connect() as conn, conn.transaction(force_rollback=True):
        red = "select count(*) as n from inv.a_running_desk_is_as_it_was_armed"
        assert conn.execute(red).fetchone()["n"] == 0
        conn.execute(change)
        assert conn.execute(red).fetchone()["n"] == 1
