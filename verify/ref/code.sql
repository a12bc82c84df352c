-- Verify mqk:ref/code on pg
-- built from sql/ref by `make code`: edit there

begin;

set local role mqk_owner;

select 'ref.load_sessions(text, text, jsonb, timestamptz)'::regprocedure;
select 'ref.load_instruments(jsonb, timestamptz)'::regprocedure;
select 'ref.get_closed_session(text, timestamptz)'::regprocedure;
select 'ref.get_next_session(text, timestamptz)'::regprocedure;
select 'ref.list_slots(text, text, date, date)'::regprocedure;
select 'ref.get_slot(text, text, timestamptz)'::regprocedure;
select 'ref.get_closed_slot(text, text, timestamptz)'::regprocedure;
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ref.timeframes'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ref.timeframes'::regclass and tgname = '_900_refuse_truncate';

rollback;
