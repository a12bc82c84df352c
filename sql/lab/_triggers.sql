create or replace trigger _100_guard_verdict before insert on lab.proofs
for each row execute function lab.tg_proofs__guard_verdict();
create or replace trigger _900_refuse_change before update or delete on lab.signal_sets
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.signal_sets
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.trials
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.trials
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.proofs
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.proofs
for each statement execute function core.tg_refuse_change();
create or replace trigger _100_guard_result before update on lab.sweep_jobs
for each row execute function lab.tg_sweep_jobs__guard_result();
create or replace trigger _900_refuse_change before update or delete on lab.sweeps
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.sweeps
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_delete before delete on lab.sweep_jobs
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.sweep_jobs
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.datasets
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.datasets
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.packs
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.packs
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.derivations
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.derivations
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.studies
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.studies
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.steps
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.steps
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.results
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.results
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.outcomes
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.outcomes
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.parities
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.parities
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.rehearsals
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.rehearsals
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.promotions
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.promotions
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.orders
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.orders
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.denials
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.denials
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.moved_stops
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.moved_stops
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.flows
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.flows
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.splits
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.splits
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.adjustments
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.adjustments
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.fills
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.fills
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.closes
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.closes
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on lab.curves
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.curves
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update on lab.backtests
for each row when (old.backtest_status <> 'CREATED') execute function core.tg_refuse_change();
create or replace trigger _900_refuse_delete before delete on lab.backtests
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on lab.backtests
for each statement execute function core.tg_refuse_change();
