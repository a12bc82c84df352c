"""The walls behind the walls: what a constraint or a second function stops when the first one is gone.

Each wall is met alone, by the rule that it is; docs/mutants.md takes these walls away and wants red.
"""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from kit import GIVEN, Desk
from mqk.errors import MqkError


def planned(desk: Desk) -> str:
    """An order for 10 AAA that nobody has claimed; give its name."""
    return str(desk.plan(2, AAA=10)[0]["client_order_id"])


def sent(desk: Desk) -> str:
    """An order for 10 AAA that the broker has; give its name."""
    name = planned(desk)
    desk.tick("gateway")
    return name


def claim(desk: Desk) -> list[dict[str, Any]]:
    """Claim one order as the gateway g."""
    return desk.call(
        "io.claim_outbox", **desk.lease("gateway"), worker_name="g", limit=1, now_at=desk.now
    )


def begin(desk: Desk) -> dict[str, Any]:
    """Begin the dispatch of the only order."""
    row = {**desk.lease("gateway"), "outbox_id": desk.one("select outbox_id from oms.outbox")}
    return desk.call("io.begin_dispatch", **row, worker_name="g", now_at=desk.now)[0]


def begun(desk: Desk) -> None:
    """The only order, taken as far as its first attempt."""
    planned(desk)
    claim(desk)
    assert begin(desk)["is_granted"]


def given_back(desk: Desk) -> None:
    """The only order, whose first attempt the broker has not taken."""
    begun(desk)
    row = {**desk.lease("gateway"), "outbox_id": desk.one("select outbox_id from oms.outbox")}
    desk.call("io.mark_not_sent", **row, attempt_no=1, reason="busy", not_before_at=None,
              now_at=desk.now)  # fmt: skip


def permit(desk: Desk) -> dict[str, Any]:
    """Ask what to send at the first attempt."""
    outbox_id = desk.one("select outbox_id from oms.outbox")
    row = {**desk.lease("gateway"), "outbox_id": outbox_id, "attempt_no": 1}
    return desk.call("io.get_permit", **row, now_at=desk.now)[0]


def fill(desk: Desk, name: str, qty: int, cum: int, **fields: Any) -> dict[str, Any]:
    """An execution at 100 dollars."""
    fields = {"execution_id": f"x:{cum}", "price": "100", "fee": "0", **fields}
    return desk.event(name, "partial_fill", qty=qty, cum_qty=cum, **fields)


def held(desk: Desk) -> int:
    """Position in AAA."""
    return int(desk.value("ledger.get_position_qty", run_id=desk.run_id, symbol="AAA"))


def refused_by(desk: Desk, forgery: str) -> str | None:
    """The constraint that a statement of the owner breaks."""
    with pytest.raises(psycopg.errors.IntegrityError) as no:
        desk.sql(forgery)
    return no.value.diag.constraint_name


def tamper(desk: Desk, change: str) -> None:
    """What only somebody with the database's files could do."""
    with desk.conn.transaction():
        desk.sql("set local session_replication_role = replica")
        desk.sql(change)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("run.runs set run_status = 'HALTED'", "runs_status_is_the_last_of_their_history"),
        ("oms.orders set order_status = 'CANCELED'", "orders_are_the_last_of_their_history"),
        ("oms.outbox set outbox_status = 'FAILED'", "outbox_status_is_the_last_of_its_history"),
    ],
    ids=["run", "order", "request"],
)
def test_a_status_is_the_last_of_its_history(given_desk: Desk, change: str, rule: str) -> None:
    planned(given_desk)
    assert refused_by(given_desk, f"update {change}") == rule


@pytest.mark.parametrize(
    ("table", "changed"),
    [
        ("run.run_history", {"from_status": "ARMED", "to_status": "HALTED"}),
        ("oms.order_history", {"from_status": "ACCEPTED", "to_status": "CANCELED"}),
        ("oms.outbox_history", {"from_status": "CLAIMED", "to_status": "FAILED"}),
    ],
    ids=["run", "order", "request"],
)
def test_a_history_follows_itself(given_desk: Desk, table: str, changed: dict[str, str]) -> None:
    planned(given_desk)
    row = given_desk.sql(f"select * from {table} order by history_seq desc limit 1")[0]
    row.pop("from_seq")
    row.pop("armed_seq", None)
    row |= {**changed, "history_seq": row["history_seq"] + 1}
    with pytest.raises(psycopg.errors.ForeignKeyViolation) as no:
        places = ", ".join(["%s"] * len(row))
        given_desk.sql(f"insert into {table} ({', '.join(row)}) values ({places})", *row.values())
    assert no.value.diag.constraint_name == f"{table.split('.')[1]}_follows_itself"


def test_arming_behind_the_preflight_looks_at_the_gates(desk: Desk) -> None:
    with pytest.raises(psycopg.Error) as no:
        desk.sql("select run.arm_run(%s, 'forced', '[]', %s)", desk.run_id, desk.now)
    assert no.value.sqlstate == "MQG01"


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("client_order_id", "'TEST_' || repeat('0', 32)"),
        ("order_qty", "order_qty + 1"),
        ("account_id", "'PAPER-OTHER-0001'"),
    ],
    ids=["client_order_id", "order_qty", "account_id"],
)
def test_the_terms_of_an_order_never_change(given_desk: Desk, column: str, value: str) -> None:
    planned(given_desk)
    with pytest.raises(psycopg.Error) as no:
        given_desk.sql(f"update oms.orders set {column} = {value}")
    assert no.value.sqlstate == "MQI04"


def test_an_order_of_a_denied_intent_cannot_exist(db: Any) -> None:
    desk = Desk(db.url, strategy=GIVEN, risk={"max_order_qty": 10})
    desk.start()
    assert desk.plan(2, AAA=11)[0]["verdict"] == "DENY"
    forged = (
        "insert into oms.orders (run_id, order_id, intent_id, account_id, client_order_id, symbol,"
        " order_qty, order_type, time_in_force, order_status, status_seq, cum_qty, working_qty,"
        " gap_qty, pending_op, created_at)"
        " select run_id, intent_id, intent_id, 'PAPER-TEST-0001', 'TEST_' || repeat('0', 32), symbol,"
        " order_qty, 'MARKET', 'DAY', 'NEW', 1, 0, 11, 0, 'NONE', created_at from oms.intents"
    )
    assert refused_by(desk, forged) == "orders_were_allowed_as_they_are"


@pytest.mark.parametrize(
    ("leg", "leg_no", "more", "rule"),
    [
        ("STOP", 1, 0, "intents_of_stops_close_the_position"),
        ("TARGET", 2, 0, "intents_pursue_a_target_once"),
        ("TARGET", 1, 1, "intents_order_the_difference"),
    ],
    ids=["stop", "twice", "more"],
)
def test_an_intent_that_asks_for_too_much_cannot_exist(
    given_desk: Desk, leg: str, leg_no: int, more: int, rule: str
) -> None:
    planned(given_desk)
    forged = (
        "insert into oms.intents (run_id, intent_id, strategy_id, bar_end_at, symbol, leg, leg_no,"
        " target_qty, position_qty, open_qty, order_qty, created_at) select run_id, run_id,"
        f" strategy_id, bar_end_at, symbol, '{leg}', {leg_no}, target_qty, position_qty, open_qty,"
        f" order_qty + {more}, created_at from oms.intents"
    )
    assert refused_by(given_desk, forged) == rule


def test_a_halted_run_claims_no_order(given_desk: Desk) -> None:
    planned(given_desk)
    given_desk.act("run_halt", run_id=given_desk.run_id, reason="fire")
    with pytest.raises(MqkError, match="MQS02"):
        claim(given_desk)


def test_an_order_that_expires_after_the_claim_is_failed_not_dispatched(given_desk: Desk) -> None:
    planned(given_desk)
    claim(given_desk)
    given_desk.clock.move_to(given_desk.one("select expires_at from oms.outbox"))
    answer = begin(given_desk)
    assert (answer["is_granted"], answer["reason"]) == (False, "expired before it was sent")
    assert given_desk.one("select outbox_status from oms.outbox") == "FAILED"
    assert given_desk.one("select order_status from oms.orders") == "EXPIRED"


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("risk_gate_seq", "null", "attempts_that_submit_saw_every_gate"),
        ("gates_expire_at", "begun_at", "attempts_begin_before_the_gates_expire"),
        ("permit_expires_at", "begun_at + '3 s'", "attempts_permit_window_is_short"),
        ("armed_epoch", "0", "attempts_need_an_armed_run"),
        ("dispatch_seq", "1", "attempts_are_begun_by_a_dispatch"),
        ("lease_expires_at", "begun_at", "attempts_begin_before_the_lease_expires"),
        ("lease_epoch", "lease_epoch + 1", "attempts_are_begun_by_a_leader"),
    ],
    ids=[
        "unseen gate",
        "expired gates",
        "long permit",
        "never armed",
        "no dispatch",
        "expired lease",
        "no leader",
    ],
)
def test_an_attempt_that_cheats_cannot_exist(
    given_desk: Desk, column: str, value: str, rule: str
) -> None:
    given_back(given_desk)
    kept = given_desk.sql(
        "select attname from pg_attribute where attrelid = 'oms.attempts'::regclass"
        " and attnum > 0 and attgenerated = ''"
    )
    names = [row["attname"] for row in kept]
    values = [{column: value, "attempt_no": "2"}.get(name, name) for name in names]
    copy = f"insert into oms.attempts ({', '.join(names)}) select {', '.join(values)} from oms.attempts"
    assert refused_by(given_desk, copy) == rule


@pytest.mark.parametrize(
    ("forgery", "reason"),
    [
        ("wal_lsn = 'FFFFFFFF/0'", "not durable yet"),
        ("begun_by = 'another'", "asked by another login"),
    ],
    ids=["not durable yet", "asked by another login"],
)
def test_a_permit_is_refused(given_desk: Desk, forgery: str, reason: str) -> None:
    begun(given_desk)
    tamper(given_desk, f"update oms.attempts set {forgery}")
    with pytest.raises(MqkError, match=reason):
        permit(given_desk)
    tamper(given_desk, "update oms.attempts set begun_by = session_user")


def test_a_permit_is_refused_once_the_request_was_given_back(given_desk: Desk) -> None:
    given_back(given_desk)
    with pytest.raises(MqkError, match="the row is PENDING"):
        permit(given_desk)


def test_an_attempt_is_committed_to_disk_whatever_the_session_wants(given_desk: Desk) -> None:
    planned(given_desk)
    claim(given_desk)
    with given_desk.conn.transaction():
        given_desk.sql("set local synchronous_commit = off")
        begin(given_desk)
        assert given_desk.one("show synchronous_commit") == "on"


def test_a_second_look_in_the_same_moment_is_no_second_miss(given_desk: Desk) -> None:
    begun(given_desk)
    lease = given_desk.lease("gateway")
    asked = {**lease, "outbox_id": given_desk.one("select outbox_id from oms.outbox")}
    given_desk.call("io.mark_ambiguous", **asked, reason="x", now_at=given_desk.now)
    for _ in range(2):
        given_desk.call("io.record_absence", **asked, attempt_no=1, broker_orders=[],
                        now_at=given_desk.now)  # fmt: skip
    assert given_desk.one("select count(*) from oms.absence_misses") == 1
    doubts = given_desk.call("io.list_unresolved", **lease, worker_name="g", now_at=given_desk.now)
    assert doubts == []


@pytest.mark.parametrize(
    ("misses", "seconds", "evidence", "rule"),
    [
        (2, 10, "[]", "absence_proofs_rest_on_three_misses"),
        (3, 9, "[]", "absence_proofs_span_time"),
        (3, 10, "{}", "absence_proofs_hold_the_order_list"),
    ],
    ids=["two misses", "in an instant", "no list"],
)
def test_a_proof_of_absence_that_proves_nothing_cannot_exist(
    given_desk: Desk, misses: int, seconds: int, evidence: str, rule: str
) -> None:
    begun(given_desk)
    forged = (
        "insert into oms.absence_proofs (run_id, outbox_id, attempt_no, proof_kind, misses,"
        " first_miss_at, last_miss_at, evidence, proven_by, proven_at)"
        f" select run_id, outbox_id, 1, 'LOOKED_UP', {misses}, begun_at,"
        f" begun_at + interval '{seconds} s', '{evidence}', 'x', begun_at from oms.attempts"
    )
    assert refused_by(given_desk, forged) == rule


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"fill_seq": "null"}, "inbox_takes_a_message_once"),
        (
            {"broker_message_id": "'other'", "cum_qty": "cum_qty + 1"},
            "inbox_books_an_execution_once",
        ),
        (
            {"broker_message_id": "'other'", "execution_id": "'x:other'"},
            "inbox_books_a_cumulative_qty_once",
        ),
    ],
    ids=["message", "execution", "shares"],
)
def test_the_inbox_refuses_each_second_booking_by_its_own_rule(
    given_desk: Desk, changed: dict[str, str], rule: str
) -> None:
    name = sent(given_desk)
    given_desk.receive(fill(given_desk, name, 4, 4))
    kept = given_desk.sql(
        "select attname from pg_attribute where attrelid = 'oms.inbox'::regclass"
        " and attnum > 0 and attgenerated = '' and attidentity = ''"
    )
    names = [row["attname"] for row in kept]
    values = [changed.get(name, name) for name in names]
    copy = f"insert into oms.inbox ({', '.join(names)}) select {', '.join(values)} from oms.inbox"
    assert refused_by(given_desk, copy) == rule


def test_an_execution_counted_otherwise_is_the_same_execution(given_desk: Desk) -> None:
    name = sent(given_desk)
    again = fill(given_desk, name, 4, 8, execution_id="x:4")
    assert given_desk.receive(fill(given_desk, name, 4, 4), again) == ["APPLIED", "DUPLICATE"]
    assert held(given_desk) == 4


def test_a_rejection_counts_as_one_reject_however_often_it_is_told(given_desk: Desk) -> None:
    name = sent(given_desk)
    given_desk.receive(*(given_desk.event(name, "rejected", message_id=m) for m in ("one", "two")))
    assert given_desk.one("select count(*) from risk.rejects") == 1


def bust(desk: Desk, name: str, message_id: str) -> dict[str, Any]:
    """The broker takes back the execution x:4."""
    return desk.event(name, "trade_bust", previous_execution_id="x:4", message_id=message_id)


def test_a_bust_told_under_two_ids_takes_back_once(given_desk: Desk) -> None:
    name = sent(given_desk)
    given_desk.receive(fill(given_desk, name, 4, 4))
    given_desk.receive(*(bust(given_desk, name, message_id) for message_id in ("one", "two")))
    assert (held(given_desk), given_desk.status) == (0, "RUNNING")
    assert given_desk.one("select count(*) from ledger.fills") == 2


def test_a_bust_that_overtakes_its_fill_is_not_forgotten(given_desk: Desk) -> None:
    name = sent(given_desk)
    given_desk.receive(bust(given_desk, name, "one"))
    given_desk.receive(fill(given_desk, name, 4, 4))
    assert (held(given_desk), given_desk.status) == (0, "HALTED")
    assert given_desk.one("select count(*) from ledger.fills") == 2


@pytest.mark.parametrize(
    ("deltas", "cash", "rule"),
    [
        ("5, 6, 0", 6, "entries_balance"),
        ("5, 5, 0", 50, "entries_continue_the_balances_before"),
        ("5, 0, 5", 0, "entries_of_deposits_move_cash_only"),
    ],
    ids=["unbalanced", "out of nothing", "deposit of shares"],
)
def test_each_forged_entry_is_refused_by_its_own_rule(
    desk: Desk, deltas: str, cash: int, rule: str
) -> None:
    cost = deltas.rsplit(", ", 1)[1]
    forged = (
        "insert into ledger.entries (run_id, entry_seq, entry_kind, qty_delta,"
        " deposit_delta_micros, cash_delta_micros, cost_delta_micros, realized_delta_micros,"
        " fee_delta_micros, income_delta_micros, deposits_micros, cash_micros, cost_micros,"
        " realized_micros, fees_micros, income_micros, booked_at)"
        f" select run_id, entry_seq + 1, 'DEPOSIT', 0, {deltas}, 0, 0, 0, deposits_micros + 5,"
        f" cash_micros + {cash}, cost_micros + {cost}, 0, 0, 0, booked_at from ledger.entries"
    )
    assert refused_by(desk, forged) == rule


@pytest.mark.parametrize(
    ("queue_no", "price", "rule"),
    [
        ("queue_no + 1", "entry_price_micros + 1", "lot_closes_use_the_lots_price"),
        ("queue_no", "entry_price_micros", "lot_closes_come_after_the_opening"),
    ],
    ids=["other price", "before the opening"],
)
def test_a_forged_close_of_a_lot_is_refused(
    given_desk: Desk, queue_no: str, price: str, rule: str
) -> None:
    given_desk.receive(fill(given_desk, sent(given_desk), 4, 4))
    forged = (
        "insert into ledger.lot_closes (run_id, symbol, match_no, fill_seq, fill_queue_no, lot_seq,"
        " lot_queue_no, closed_qty, entry_price_micros, open_qty, open_cost_micros,"
        " exit_price_micros, closed_at)"
        f" select run_id, symbol, match_no, lot_seq, {queue_no}, lot_seq, queue_no, 1, {price},"
        f" open_qty, open_qty * ({price}), entry_price_micros, opened_at from ledger.lots"
    )
    assert refused_by(given_desk, forged) == rule


def test_what_the_hash_of_an_event_leaves_out_cannot_be_changed(desk: Desk) -> None:
    with pytest.raises(psycopg.Error) as no:
        desk.sql("update audit.events set reported_at = reported_at + interval '1 s'")
    assert no.value.sqlstate == "MQI04"


def test_a_changed_event_whose_hash_was_kept_is_seen(db: Any) -> None:
    desk = Desk(db.url)
    desk.start()
    desk.sql("alter table audit.events alter column event_hash drop expression")
    tamper(
        desk,
        "update audit.events set payload = '{\"forged\": true}'"
        f" where event_seq = 5 and chain_id = '{desk.run_id}'",
    )
    found = desk.call("audit.verify_chain", chain_id=desk.run_id)
    assert [(row["event_seq"], row["finding"]) for row in found] == [
        (5, "the hash does not recompute")
    ]
