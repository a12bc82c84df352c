-- Revert mqk:run/code from pg
-- built from sql/run by `make code`: edit there

begin;

set local role mqk_owner;

do $guard$
begin
    if to_regclass('run.runs') is not null then
        lock table run.runs in share mode;  -- nobody arms meanwhile
        if exists (select from run.runs as r where r.run_status in ('ARMED', 'RUNNING')) then
            raise sqlstate 'MQS19' using
                message = 'code is not changed under a run that is armed or running',
                hint = 'Stop the runs first: mqk run stop. Then deploy, and arm anew.';
        end if;
    end if;
end;
$guard$;

drop trigger _900_refuse_truncate on run.run_moves;
drop trigger _900_refuse_change on run.run_moves;
drop trigger _900_refuse_truncate on run.login_scopes;
drop trigger _900_refuse_change on run.login_scopes;
drop trigger _100_refuse_secrets on run.configs;
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
drop trigger _900_refuse_truncate on run.artifacts;
drop trigger _900_refuse_change on run.artifacts;
drop trigger _900_refuse_change on run.approvals;
drop trigger _900_refuse_change on run.universe;
drop trigger _900_refuse_change on run.configs;
drop trigger _900_refuse_change on run.gate_history;
drop trigger _900_refuse_truncate on run.trip_kinds;
drop trigger _900_refuse_change on run.trip_kinds;
drop trigger _900_refuse_truncate on run.trips;
drop trigger _900_refuse_change on run.trips;
drop trigger _900_refuse_change on run.run_history;
drop function run.tg_configs__refuse_secrets();
drop function run.tg_leases__guard_epoch();
drop function run.tg_runs__guard_terms();
drop function run.record_anchor(uuid, jsonb, text, timestamptz);
drop function run.claim_anchor(uuid, jsonb, text, timestamptz);
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
drop function run.store_artifact(uuid, text, text, text, text, timestamptz);
drop function run.find_artifact(text);
drop function run.change_mode(jsonb, timestamptz);
drop function run.approve_run(uuid, text, timestamptz);
drop function run.list_approvals(uuid, timestamptz);
drop function run.register_worker(uuid, text, text, text, text[], timestamptz);
drop function run.force_halt(uuid, text, text, timestamptz);
drop function run.break_locks(text[]);
drop function run.list_lock_holders();
drop function run.find_schema_change(uuid);
drop function run.halt_run(uuid, text, text, jsonb, timestamptz);
drop function run.assert_may_trade(uuid, timestamptz);
drop function run.may_trade(uuid, timestamptz);
drop function run.list_gates();
drop function run.list_shut_gates(uuid, text[], timestamptz);
drop function run.set_gate(uuid, text, boolean, text, jsonb, timestamptz, timestamptz);
drop function run.get_trip_kind(text, text);
drop function run.create_run(text, text, text, text, text, timestamptz, bigint, integer, bigint, boolean, text[], timestamptz);
drop function run.derive_run_id(text, text, text, timestamptz, bigint);
drop function run.bind_account(text, text, timestamptz);
drop function run.move_run(uuid, text, text, timestamptz);
drop function run.clamp_now(uuid, timestamptz);
drop function run.lock_run(uuid, boolean, timestamptz);
drop function run.assert_run(uuid);
drop function run.set_scope(text, text[], timestamptz);
drop function run.is_in_scope(text, text);
drop function run.assert_login();
drop function run.list_powers(text);
drop function run.store_config(text, timestamptz);

commit;
