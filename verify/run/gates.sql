-- Verify mqk:run/gates on pg

begin;

set local role mqk_owner;

select run_id, gate, gate_seq, is_open, reason, evidence, actor, observed_at
  from run.gate_history
 where false;

select run_id, gate, gate_seq, is_open, observed_at, expires_at, boot_at
  from run.gates
 where false;

select run_id, worker_kind, worker_name, beat_at
  from run.heartbeats
 where false;

select run_id, worker_kind, worker_name, build, secret_names, actor, registered_at
  from run.workers
 where false;

rollback;
