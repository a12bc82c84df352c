-- Verify mqk:ref/code on pg
-- built from sql/ref by `make code`: edit there

begin;

set local role mqk_owner;

select 'ref.load_sessions(text, text, jsonb, timestamptz)'::regprocedure;
select 'ref.load_instruments(jsonb, timestamptz)'::regprocedure;
select 'ref.get_closed_session(text, timestamptz)'::regprocedure;
select 'ref.get_next_session(text, timestamptz)'::regprocedure;

rollback;
