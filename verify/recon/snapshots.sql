-- Verify mqk:recon/snapshots on pg

begin;

set local role mqk_owner;

select run_id, position_tolerance_qty, cash_tolerance_micros, grace_ms, max_age_ms
  from recon.tolerances
 where false;

select run_id, snapshot_seq, account_id, source, captured_at, document, document_sha256,
       received_at
  from recon.snapshots
 where false;

select run_id, snapshot_seq, order_drifts, position_drifts, cash_drifts, unsettled_drifts,
       verdict, compared_at
  from recon.comparisons
 where false;

select run_id, snapshot_seq, drift_kind, drift_key, ours, theirs, first_seen_at, is_settled
  from recon.drifts
 where false;

rollback;
