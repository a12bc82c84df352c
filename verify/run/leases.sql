-- Verify mqk:run/leases on pg

begin;

set local role mqk_owner;

select engine_id, account_id, worker_kind, lease_epoch, from_epoch, run_id, worker_name,
       worker_token, actor, prior_ends_at, taken_at
  from run.lease_history
 where false;

select engine_id, account_id, worker_kind, lease_epoch, renewed_at, expires_at
  from run.leases
 where false;

rollback;
