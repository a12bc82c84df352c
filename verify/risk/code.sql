-- Verify mqk:risk/code on pg
-- built from sql/risk by `make code`: edit there

begin;

set local role mqk_owner;

select 'risk.set_limits(uuid, bigint, jsonb, date, timestamptz)'::regprocedure;
select 'risk.is_breached(bigint, bigint, bigint)'::regprocedure;
select 'risk.record_reject(uuid, text, timestamptz)'::regprocedure;
select 'risk.evaluate(uuid, timestamptz)'::regprocedure;
select 'risk.roll_state(uuid, date, bigint, timestamptz)'::regprocedure;
select 'risk.find_breach(risk.states, timestamptz)'::regprocedure;
select 'risk.find_denial(risk.limits, text, bigint, bigint, bigint, bigint)'::regprocedure;
select 'risk.check_order(uuid, uuid, text, bigint, bigint, bigint, bigint, timestamptz)'::regprocedure;
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'risk.limits'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'risk.decisions'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'risk.rejects'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'risk.decisions'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'risk.rejects'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'risk.limits'::regclass and tgname = '_900_refuse_truncate';

rollback;
