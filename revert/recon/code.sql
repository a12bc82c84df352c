-- Revert mqk:recon/code from pg
-- built from sql/recon by `make code`: edit there

begin;

set local role mqk_owner;

drop trigger _900_refuse_truncate on recon.tolerances;
drop trigger _900_refuse_truncate on recon.drifts;
drop trigger _900_refuse_truncate on recon.comparisons;
drop trigger _900_refuse_truncate on recon.snapshots;
drop trigger _900_refuse_change on recon.tolerances;
drop trigger _900_refuse_change on recon.drifts;
drop trigger _900_refuse_change on recon.comparisons;
drop trigger _900_refuse_change on recon.snapshots;
drop function recon.submit_snapshot(uuid, jsonb, timestamptz);
drop function recon.compare(run.runs, bigint, jsonb, timestamptz);
drop function recon.find_defect(run.runs, jsonb, timestamptz);
drop function recon.list_money_drifts(uuid, jsonb);
drop function recon.list_order_drifts(uuid, jsonb);
drop function recon.set_tolerances(uuid, jsonb);

commit;
