-- Verify mqk:recon/snapshots on pg

begin;

set local role mqk_owner;

select drift_kind, drift_group, severity, repair_class, is_graced
  from recon.drift_kinds
 where false;

select broker_word, order_status
  from recon.broker_statuses
 where false;

select run_id, position_tolerance_qty, cash_tolerance_micros, grace_ms, max_age_ms,
       foreign_orders
  from recon.tolerances
 where false;

select run_id, snapshot_seq, prior_seq, prior_captured_at, account_id, source, captured_at,
       document, document_sha256, received_at
  from recon.snapshots
 where false;

select run_id, refusal_seq, defect, document, document_sha256, refused_at
  from recon.refusals
 where false;

select run_id, snapshot_seq, document_sha256, books, order_drifts, position_drifts, cash_drifts,
       other_drifts, warning_drifts, unsettled_drifts, info_drifts, drifts_sha256, verdict,
       result_sha256, compared_at
  from recon.comparisons
 where false;

select run_id, snapshot_seq, drift_kind, drift_key, ours, theirs, first_seen_at, is_young,
       is_settled
  from recon.drifts
 where false;

select run_id, snapshot_seq, drift_kind, drift_key, repair_class, order_id, history_seq,
       to_status, repaired_at
  from recon.repairs
 where false;

rollback;
