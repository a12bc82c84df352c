-- Revert mqk:recon/code from pg
-- built from sql/recon by `make code`: edit there

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

drop trigger _900_refuse_truncate on recon.broker_statuses;
drop trigger _900_refuse_change on recon.broker_statuses;
drop trigger _900_refuse_truncate on recon.drift_kinds;
drop trigger _900_refuse_change on recon.drift_kinds;
drop trigger _900_refuse_truncate on recon.tolerances;
drop trigger _900_refuse_truncate on recon.repairs;
drop trigger _900_refuse_truncate on recon.drifts;
drop trigger _900_refuse_truncate on recon.comparisons;
drop trigger _900_refuse_truncate on recon.refusals;
drop trigger _900_refuse_truncate on recon.snapshots;
drop trigger _900_refuse_change on recon.tolerances;
drop trigger _900_refuse_change on recon.repairs;
drop trigger _900_refuse_change on recon.drifts;
drop trigger _900_refuse_change on recon.comparisons;
drop trigger _900_refuse_change on recon.refusals;
drop trigger _900_refuse_change on recon.snapshots;
drop function recon.verify_run(uuid);
drop function recon.find_difference(recon.comparisons);
drop function recon.find_books_defect(uuid, jsonb);
drop function recon.submit_snapshot(uuid, jsonb, timestamptz);
drop function recon.end_proof(uuid, bigint, timestamptz);
drop function recon.repair_statuses(uuid, bigint, timestamptz);
drop function recon.compare(run.runs, bigint, timestamptz);
drop function recon.store_snapshot(uuid, jsonb, timestamptz);
drop function recon.refuse_snapshot(uuid, text, jsonb, timestamptz);
drop function recon.find_defect(run.runs, jsonb, timestamptz);
drop function recon.hash_drifts(recon.drifts[]);
drop function recon.count_drifts(recon.drifts[]);
drop function recon.evaluate_drifts(uuid, bigint, jsonb, timestamptz);
drop function recon.list_drifts(jsonb, jsonb, recon.tolerances);
drop function recon.list_money_drifts(jsonb, jsonb, recon.tolerances);
drop function recon.list_field_drifts(jsonb, jsonb);
drop function recon.compare_orders(jsonb, jsonb);
drop function recon.list_order_drifts(jsonb, jsonb, text);
drop function recon.list_row_drifts(jsonb);
drop function recon.is_explained_cash(bigint, jsonb, bigint);
drop function recon.get_books(run.runs, jsonb, timestamptz);
drop function recon.get_action_books(uuid, timestamptz);
drop function recon.get_order_books(uuid, jsonb, timestamptz);
drop function recon.get_stop_prices(oms.orders);
drop function recon.get_strangers(run.runs, jsonb);
drop function recon.parse_positions(jsonb);
drop function recon.parse_orders(jsonb);
drop function recon.list_chains(jsonb);
drop function recon.parse_money(text);
drop function recon.parse_captured_at(jsonb);
drop function recon.set_tolerances(uuid, jsonb, timestamptz);

commit;
