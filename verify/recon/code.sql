-- Verify mqk:recon/code on pg
-- built from sql/recon by `make code`: edit there

begin;

set local role mqk_owner;

select 'recon.set_tolerances(uuid, jsonb)'::regprocedure;
select 'recon.list_order_drifts(uuid, jsonb)'::regprocedure;
select 'recon.list_money_drifts(uuid, jsonb)'::regprocedure;
select 'recon.find_defect(run.runs, jsonb, timestamptz)'::regprocedure;
select 'recon.compare(run.runs, bigint, jsonb, timestamptz)'::regprocedure;
select 'recon.submit_snapshot(uuid, jsonb, timestamptz)'::regprocedure;
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'recon.snapshots'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'recon.comparisons'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'recon.drifts'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'recon.tolerances'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'recon.snapshots'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'recon.comparisons'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'recon.drifts'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'recon.tolerances'::regclass and tgname = '_900_refuse_truncate';

rollback;
