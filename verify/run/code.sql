-- Verify mqk:run/code on pg
-- built from sql/run by `make code`: edit there

begin;

set local role mqk_owner;

select 'run.store_config(text, timestamptz)'::regprocedure;
select 'run.list_powers(text)'::regprocedure;
select 'run.assert_login()'::regprocedure;
select 'run.is_in_scope(text, text)'::regprocedure;
select 'run.set_scope(text, text[], timestamptz)'::regprocedure;
select 'run.assert_run(uuid)'::regprocedure;
select 'run.lock_run(uuid, boolean, timestamptz)'::regprocedure;
select 'run.clamp_now(uuid, timestamptz)'::regprocedure;
select 'run.move_run(uuid, text, text, timestamptz)'::regprocedure;
select 'run.bind_account(text, text, timestamptz)'::regprocedure;
select 'run.derive_run_id(text, text, text, timestamptz, bigint)'::regprocedure;
select 'run.create_run(text, text, text, text, text, timestamptz, bigint, integer, bigint, boolean, text[], timestamptz)'::regprocedure;
select 'run.get_trip_kind(text, text)'::regprocedure;
select 'run.set_gate(uuid, text, boolean, text, jsonb, timestamptz, timestamptz)'::regprocedure;
select 'run.list_shut_gates(uuid, text[], timestamptz)'::regprocedure;
select 'run.list_gates()'::regprocedure;
select 'run.may_trade(uuid, timestamptz)'::regprocedure;
select 'run.assert_may_trade(uuid, timestamptz)'::regprocedure;
select 'run.halt_run(uuid, text, text, jsonb, timestamptz)'::regprocedure;
select 'run.find_schema_change(uuid)'::regprocedure;
select 'run.list_lock_holders()'::regprocedure;
select 'run.break_locks(text[])'::regprocedure;
select 'run.force_halt(uuid, text, text, timestamptz)'::regprocedure;
select 'run.register_worker(uuid, text, text, text, text[], timestamptz)'::regprocedure;
select 'run.list_approvals(uuid, timestamptz)'::regprocedure;
select 'run.approve_run(uuid, text, timestamptz)'::regprocedure;
select 'run.change_mode(jsonb, timestamptz)'::regprocedure;
select 'run.find_artifact(text)'::regprocedure;
select 'run.store_artifact(uuid, text, text, text, text, timestamptz)'::regprocedure;
select 'run.arm_run(uuid, text, jsonb, timestamptz)'::regprocedure;
select 'run.begin_run(uuid, timestamptz)'::regprocedure;
select 'run.stop_run(uuid, text, timestamptz)'::regprocedure;
select 'run.clear_halted(uuid, text, timestamptz)'::regprocedure;
select 'run.is_own_kind(text)'::regprocedure;
select 'run.get_lease_ttl(uuid)'::regprocedure;
select 'run.lock_lease(uuid, text)'::regprocedure;
select 'run.take_lease(uuid, text, text, text, run.leases, timestamptz)'::regprocedure;
select 'run.acquire_lease(uuid, text, text, text, timestamptz)'::regprocedure;
select 'run.assert_lease(uuid, text, bigint, timestamptz)'::regprocedure;
select 'run.renew_lease(uuid, text, bigint, timestamptz)'::regprocedure;
select 'run.release_lease(uuid, text, bigint, timestamptz)'::regprocedure;
select 'run.list_leases(uuid, timestamptz)'::regprocedure;
select 'run.record_heartbeat(uuid, text, text, boolean, timestamptz)'::regprocedure;
select 'run.find_run(text)'::regprocedure;
select 'run.list_health(timestamptz)'::regprocedure;
select 'run.expire_deadmen(timestamptz)'::regprocedure;
select 'run.claim_anchor(uuid, jsonb, text, timestamptz)'::regprocedure;
select 'run.record_anchor(uuid, jsonb, text, timestamptz)'::regprocedure;
select 'run.tg_runs__guard_terms()'::regprocedure;
select 'run.tg_leases__guard_epoch()'::regprocedure;
select 'run.tg_configs__refuse_secrets()'::regprocedure;
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'run.run_history'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'run.trips'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'run.trips'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'run.trip_kinds'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'run.trip_kinds'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'run.gate_history'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'run.configs'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'run.universe'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'run.approvals'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'run.artifacts'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'run.artifacts'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'run.armings'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'run.runs'::regclass and tgname = '_900_refuse_delete';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'run.run_history'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'run.gate_history'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'run.configs'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'run.universe'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'run.approvals'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'run.armings'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'run.runs'::regclass and tgname = '_100_guard_terms';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'run.runs'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'run.lease_history'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'run.lease_history'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'run.leases'::regclass and tgname = '_100_guard_epoch';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'run.leases'::regclass and tgname = '_900_refuse_delete';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'run.leases'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'run.live_accounts'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'run.live_accounts'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'run.configs'::regclass and tgname = '_100_refuse_secrets';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'run.login_scopes'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'run.login_scopes'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'run.run_moves'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'run.run_moves'::regclass and tgname = '_900_refuse_truncate';

rollback;
