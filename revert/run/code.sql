-- Revert mqk:run/code from pg
-- built from sql/run by `make code`: edit there

begin;

set local role mqk_owner;

drop trigger _900_refuse_truncate on run.live_accounts;
drop trigger _900_refuse_change on run.live_accounts;
drop trigger _900_refuse_truncate on run.leases;
drop trigger _900_refuse_delete on run.leases;
drop trigger _100_guard_epoch on run.leases;
drop trigger _900_refuse_truncate on run.lease_history;
drop trigger _900_refuse_change on run.lease_history;
drop trigger _900_refuse_truncate on run.runs;
drop trigger _100_guard_terms on run.runs;
drop trigger _900_refuse_truncate on run.armings;
drop trigger _900_refuse_truncate on run.approvals;
drop trigger _900_refuse_truncate on run.universe;
drop trigger _900_refuse_truncate on run.configs;
drop trigger _900_refuse_truncate on run.gate_history;
drop trigger _900_refuse_truncate on run.run_history;
drop trigger _900_refuse_delete on run.runs;
drop trigger _900_refuse_change on run.armings;
drop trigger _900_refuse_change on run.approvals;
drop trigger _900_refuse_change on run.universe;
drop trigger _900_refuse_change on run.configs;
drop trigger _900_refuse_change on run.gate_history;
drop trigger _900_refuse_change on run.run_history;
drop function run.tg_leases__guard_epoch();
drop function run.tg_runs__guard_terms();
drop function run.expire_deadmen(timestamptz);
drop function run.list_health(timestamptz);
drop function run.find_run(text);
drop function run.record_heartbeat(uuid, text, text, boolean, timestamptz);
drop function run.list_leases(uuid, timestamptz);
drop function run.release_lease(uuid, text, bigint, timestamptz);
drop function run.renew_lease(uuid, text, bigint, timestamptz);
drop function run.assert_lease(uuid, text, bigint, timestamptz);
drop function run.acquire_lease(uuid, text, text, text, timestamptz);
drop function run.take_lease(uuid, text, text, text, run.leases, timestamptz);
drop function run.lock_lease(uuid, text);
drop function run.get_lease_ttl(uuid);
drop function run.is_own_kind(text);
drop function run.clear_halted(uuid, text, timestamptz);
drop function run.stop_run(uuid, text, timestamptz);
drop function run.begin_run(uuid, timestamptz);
drop function run.arm_run(uuid, text, jsonb, timestamptz);
drop function run.approve_run(uuid, text, timestamptz);
drop function run.list_approvals(uuid, timestamptz);
drop function run.register_worker(uuid, text, text, text, text[], timestamptz);
drop function run.force_halt(uuid, text, timestamptz);
drop function run.break_locks(text[]);
drop function run.list_lock_holders();
drop function run.halt_run(uuid, text, timestamptz);
drop function run.assert_may_trade(uuid, timestamptz);
drop function run.may_trade(uuid, timestamptz);
drop function run.list_gates();
drop function run.list_shut_gates(uuid, text[], timestamptz);
drop function run.set_gate(uuid, text, boolean, text, jsonb, timestamptz, timestamptz);
drop function run.create_run(text, text, text, text, text, timestamptz, bigint, integer, bigint, boolean, text[], timestamptz);
drop function run.bind_account(text, text, timestamptz);
drop function run.move_run(uuid, text, text, timestamptz);
drop function run.clamp_now(uuid, timestamptz);
drop function run.lock_run(uuid, boolean, timestamptz);
drop function run.assert_run(uuid);
drop function run.store_config(text, timestamptz);

commit;
