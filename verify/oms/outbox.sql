-- Verify mqk:oms/outbox on pg

begin;

set local role mqk_owner;

select from_status, to_status
  from oms.outbox_moves
 where false;

select run_id, outbox_id, order_id, request_kind, lane, outbox_status, status_seq, claimed_by,
       claimed_at, stop_price_micros, not_before_at, expires_at, enqueued_at
  from oms.outbox
 where false;

select run_id, outbox_id, history_seq, from_seq, from_status, to_status, actor, reason, moved_at
  from oms.outbox_history
 where false;

select run_id, outbox_id, attempt_no, proof_kind, misses, first_miss_at, last_miss_at, evidence,
       proven_by, proven_at
  from oms.absence_proofs
 where false;

select run_id, outbox_id, attempt_no, request_kind, lane, prior_no, dispatch_seq, dispatch_status,
       worker_name, continuity_gate, continuity_gate_seq, deadman_gate, deadman_gate_seq,
       integrity_gate, integrity_gate_seq, recon_gate, recon_gate_seq, risk_gate, risk_gate_seq,
       gates_were_open, gates_expire_at, flatten_seq, order_qty, held_qty, buy_qty, sell_qty,
       lease_kind, lease_epoch, lease_expires_at, armed_epoch, begun_by, begun_at,
       permit_expires_at, wal_lsn, begun_xid
  from oms.attempts
 where false;

select run_id, outbox_id, attempt_no, permitted_to, permitted_at
  from oms.permits
 where false;

select run_id, outbox_id, attempt_no, miss_no, looked_up_by, looked_up_at
  from oms.absence_misses
 where false;

select run_id, outbox_id, account_id, broker_order_id, replaces_id, sent_seq, sent_status, mapped_at
  from oms.broker_map
 where false;

rollback;
