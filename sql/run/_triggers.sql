create or replace trigger _900_refuse_change before update or delete on run.run_history
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on run.trips
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on run.trips
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on run.trip_kinds
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on run.trip_kinds
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on run.gate_history
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on run.configs
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on run.universe
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on run.approvals
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on run.artifacts
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on run.artifacts
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on run.armings
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_delete before delete on run.runs
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on run.run_history
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on run.gate_history
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on run.configs
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on run.universe
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on run.approvals
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on run.armings
for each statement execute function core.tg_refuse_change();
create or replace trigger _100_guard_terms before update on run.runs
for each row execute function run.tg_runs__guard_terms();
create or replace trigger _900_refuse_truncate before truncate on run.runs
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on run.lease_history
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on run.lease_history
for each statement execute function core.tg_refuse_change();
create or replace trigger _100_guard_epoch before update on run.leases
for each row execute function run.tg_leases__guard_epoch();
create or replace trigger _900_refuse_delete before delete on run.leases
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on run.leases
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on run.live_accounts
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on run.live_accounts
for each statement execute function core.tg_refuse_change();
create or replace trigger _100_refuse_secrets before insert on run.configs
for each row execute function run.tg_configs__refuse_secrets();
create or replace trigger _900_refuse_change before update or delete on run.login_scopes
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on run.login_scopes
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on run.run_moves
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on run.run_moves
for each statement execute function core.tg_refuse_change();
