-- Verify mqk:pager/code on pg
-- built from sql/pager by `make code`: edit there

begin;

set local role mqk_owner;

select 'pager.redact_text(text)'::regprocedure;
select 'pager.describe_event(jsonb)'::regprocedure;
select 'pager.compute_pause(integer)'::regprocedure;
select 'pager.get_engine_id(uuid, timestamptz)'::regprocedure;
select 'pager.collect_notices(text)'::regprocedure;
select 'pager.expire_deliveries(text, timestamptz)'::regprocedure;
select 'pager.begin_delivery(text, text, text, timestamptz)'::regprocedure;
select 'pager.format_title(text, text, bigint)'::regprocedure;
select 'pager.format_body(text, text, bigint)'::regprocedure;
select 'pager.claim_notices(uuid, text, timestamptz)'::regprocedure;
select 'pager.end_delivery(uuid, text, bigint, text, text, integer, timestamptz)'::regprocedure;
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'pager.deliveries'::regclass and tgname = '_100_guard_end';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'pager.deliveries'::regclass and tgname = '_900_refuse_delete';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'pager.deliveries'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'pager.notices'::regclass and tgname = '_100_guard_end';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'pager.notices'::regclass and tgname = '_110_guard_terms';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'pager.notices'::regclass and tgname = '_900_refuse_delete';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'pager.notices'::regclass and tgname = '_900_refuse_truncate';

rollback;
