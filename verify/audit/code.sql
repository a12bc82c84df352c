-- Verify mqk:audit/code on pg
-- built from sql/audit by `make code`: edit there

begin;

set local role mqk_owner;

select 'audit.begin_acting(text, text, timestamptz)'::regprocedure;
select 'audit.find_acting()'::regprocedure;
select 'audit.get_actor()'::regprocedure;
select 'audit.open_engine_chain(text, timestamptz)'::regprocedure;
select 'audit.append_event(uuid, text, text, jsonb, timestamptz)'::regprocedure;
select 'audit.assert_chain(uuid)'::regprocedure;
select 'audit.open_run_chain(uuid, text, timestamptz)'::regprocedure;
select 'audit.append_desk_event(text, text, jsonb, timestamptz)'::regprocedure;
select 'audit.verify_chain(uuid)'::regprocedure;
select 'audit.find_unanchored(text, timestamptz, timestamptz)'::regprocedure;
select 'audit.get_last_anchor(text)'::regprocedure;
select 'audit.claim_anchor(text, jsonb, text, timestamptz, timestamptz)'::regprocedure;
select 'audit.record_anchor(text, jsonb, text, timestamptz)'::regprocedure;
select 'audit.list_anchor_breaks(text)'::regprocedure;
select 'audit.compare_anchors(text, jsonb, boolean)'::regprocedure;
select 'audit.list_canonical(uuid, bigint, integer)'::regprocedure;
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'audit.events'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'audit.events'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'audit.chains'::regclass and tgname = '_900_refuse_delete';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'audit.chains'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'audit.chains'::regclass and tgname = '_100_head_moves_by_one';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'audit.actings'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'audit.actings'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'audit.anchors'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'audit.anchors'::regclass and tgname = '_900_refuse_truncate';

rollback;
