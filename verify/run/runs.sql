-- Verify mqk:run/runs on pg

begin;

set local role mqk_owner;

select engine_id, mode, last_run_seq, created_at
  from run.engines
 where false;

select config_hash, canonical_json, config, terms_hash, created_at
  from run.configs
 where false;

select artifact_id, terms_hash, strategy_id, strategy_version, build, promoted_at
  from run.artifacts
 where false;

select engine_id, account_id, bound_by, bound_at
  from run.live_accounts
 where false;

select from_status, to_status
  from run.run_moves
 where false;

select run_id, engine_id, run_seq, mode, clock_kind, config_hash, account_id, live_account_id,
       may_submit, as_of_at, initial_cash_micros, deadman_ttl_ms, gate_ttl_ms,
       needs_deadman_file, run_status, active_mode, status_seq, armed_epoch, created_by, created_at
  from run.runs
 where false;

select run_id, history_seq, from_seq, armed_seq, from_status, to_status, reason, actor, moved_at
  from run.run_history
 where false;

select run_id, symbol
  from run.universe
 where false;

select run_id, approved_by, words, approved_at
  from run.approvals
 where false;

select run_id, history_seq, armed_seq, mode, config_hash, artifact_id, terms_hash, words, checks,
       armed_by, approved_by,
       approved_at, build, fingerprint, schema_mark, boot_at, armed_at
  from run.armings
 where false;

rollback;
