-- Verify mqk:md/code on pg
-- built from sql/md by `make code`: edit there

begin;

set local role mqk_owner;

select 'md.parse_bars(text, jsonb, timestamptz)'::regprocedure;
select 'md.ingest_bars(text, text, text, text, jsonb, timestamptz)'::regprocedure;
select 'md.store_bars(uuid, text, jsonb, timestamptz)'::regprocedure;
select 'md.list_bars_as_of(text, text, integer, timestamptz)'::regprocedure;
select 'md.list_actions_as_of(text, timestamptz)'::regprocedure;
select 'md.get_split_factor(text, timestamptz, timestamptz)'::regprocedure;
select 'md.restate_price(text, bigint, timestamptz, timestamptz)'::regprocedure;
select 'md.find_action_defect(text, text, date, text, bigint, bigint, text, bigint, text, date, text, date, timestamptz, timestamptz, text, uuid)'::regprocedure;
select 'md.parse_actions(jsonb, timestamptz)'::regprocedure;
select 'md.format_terms(md.corporate_actions)'::regprocedure;
select 'md.store_action(md.corporate_actions)'::regprocedure;
select 'md.load_actions(text, text, jsonb, timestamptz)'::regprocedure;
select 'md.list_actions(text, timestamptz)'::regprocedure;
select 'md.cancel_action(uuid, text, timestamptz)'::regprocedure;
select 'md.list_marks(uuid, timestamptz)'::regprocedure;
select 'md.get_marks(uuid, timestamptz)'::regprocedure;
select 'md.get_complete_session(uuid, timestamptz)'::regprocedure;
select 'md.list_gaps(text, date, timestamptz)'::regprocedure;
select 'md.set_policy(uuid, bigint, integer)'::regprocedure;
select 'md.evaluate_integrity(uuid, timestamptz)'::regprocedure;
select 'md.get_quality(text[], timestamptz)'::regprocedure;
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'md.bars'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'md.findings'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'md.ingests'::regclass and tgname = '_900_refuse_delete';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'md.corporate_actions'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'md.corporate_actions'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'md.bars'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'md.findings'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'md.ingests'::regclass and tgname = '_900_refuse_truncate';

rollback;
