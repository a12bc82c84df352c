-- Verify mqk:recon/code on pg
-- built from sql/recon by `make code`: edit there

begin;

set local role mqk_owner;

select 'recon.set_tolerances(uuid, jsonb, timestamptz)'::regprocedure;
select 'recon.parse_captured_at(jsonb)'::regprocedure;
select 'recon.parse_money(text)'::regprocedure;
select 'recon.list_chains(jsonb)'::regprocedure;
select 'recon.parse_orders(jsonb)'::regprocedure;
select 'recon.parse_positions(jsonb)'::regprocedure;
select 'recon.get_strangers(run.runs, jsonb)'::regprocedure;
select 'recon.get_stop_prices(oms.orders)'::regprocedure;
select 'recon.get_order_books(uuid, jsonb, timestamptz)'::regprocedure;
select 'recon.get_action_books(uuid, timestamptz)'::regprocedure;
select 'recon.get_books(run.runs, jsonb, timestamptz)'::regprocedure;
select 'recon.is_explained_cash(bigint, jsonb, bigint)'::regprocedure;
select 'recon.list_row_drifts(jsonb)'::regprocedure;
select 'recon.list_order_drifts(jsonb, jsonb, text)'::regprocedure;
select 'recon.compare_orders(jsonb, jsonb)'::regprocedure;
select 'recon.list_field_drifts(jsonb, jsonb)'::regprocedure;
select 'recon.list_money_drifts(jsonb, jsonb, recon.tolerances)'::regprocedure;
select 'recon.list_drifts(jsonb, jsonb, recon.tolerances)'::regprocedure;
select 'recon.evaluate_drifts(uuid, bigint, jsonb, timestamptz)'::regprocedure;
select 'recon.count_drifts(recon.drifts[])'::regprocedure;
select 'recon.hash_drifts(recon.drifts[])'::regprocedure;
select 'recon.find_defect(run.runs, jsonb, timestamptz)'::regprocedure;
select 'recon.refuse_snapshot(uuid, text, jsonb, timestamptz)'::regprocedure;
select 'recon.store_snapshot(uuid, jsonb, timestamptz)'::regprocedure;
select 'recon.compare(run.runs, bigint, timestamptz)'::regprocedure;
select 'recon.repair_statuses(uuid, bigint, timestamptz)'::regprocedure;
select 'recon.end_proof(uuid, bigint, timestamptz)'::regprocedure;
select 'recon.submit_snapshot(uuid, jsonb, timestamptz)'::regprocedure;
select 'recon.find_books_defect(uuid, jsonb)'::regprocedure;
select 'recon.find_difference(recon.comparisons)'::regprocedure;
select 'recon.verify_run(uuid)'::regprocedure;
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'recon.snapshots'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'recon.refusals'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'recon.comparisons'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'recon.drifts'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'recon.repairs'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'recon.tolerances'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'recon.snapshots'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'recon.refusals'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'recon.comparisons'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'recon.drifts'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'recon.repairs'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'recon.tolerances'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'recon.drift_kinds'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'recon.drift_kinds'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'recon.broker_statuses'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'recon.broker_statuses'::regclass and tgname = '_900_refuse_truncate';

rollback;
