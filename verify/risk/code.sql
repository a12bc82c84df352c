-- Verify mqk:risk/code on pg
-- built from sql/risk by `make code`: edit there

begin;

set local role mqk_owner;

select 'risk.compute_limits(uuid, bigint, jsonb)'::regprocedure;
select 'risk.set_limits(uuid, bigint, jsonb, date, timestamptz)'::regprocedure;
select 'risk.is_breached(bigint, bigint, bigint)'::regprocedure;
select 'risk.record_reject(uuid, text, timestamptz)'::regprocedure;
select 'risk.roll_state(uuid, date, bigint, bigint, timestamptz)'::regprocedure;
select 'risk.name_breach(risk.limits, bigint, bigint, bigint, bigint, bigint)'::regprocedure;
select 'risk.find_breach(risk.states, timestamptz)'::regprocedure;
select 'risk.evaluate(uuid, timestamptz)'::regprocedure;
select 'risk.is_reducing(bigint, bigint, bigint, bigint)'::regprocedure;
select 'risk.find_pdt_denial(risk.limits, risk.order_facts)'::regprocedure;
select 'risk.is_beside_stop(risk.order_facts)'::regprocedure;
select 'risk.is_beyond_collar(risk.limits, risk.order_facts)'::regprocedure;
select 'risk.find_denial(risk.limits, risk.order_facts)'::regprocedure;
select 'risk.get_restriction(text, timestamptz)'::regprocedure;
select 'risk.list_restrictions(timestamptz)'::regprocedure;
select 'risk.restrict_symbols(jsonb, text, text, timestamptz, timestamptz)'::regprocedure;
select 'risk.get_day_trader_flag(text)'::regprocedure;
select 'risk.count_day_trades(text, timestamptz)'::regprocedure;
select 'risk.set_day_trader_flag(text, boolean, bigint, text, timestamptz)'::regprocedure;
select 'risk.clear_day_trader(uuid, text, timestamptz)'::regprocedure;
select 'risk.get_portfolio(uuid, text, jsonb, timestamptz)'::regprocedure;
select 'risk.get_quote(uuid, text, timestamptz)'::regprocedure;
select 'risk.get_facts(uuid, text, bigint, jsonb, bigint, timestamptz)'::regprocedure;
select 'risk.check_order(uuid, uuid, text, bigint, jsonb, bigint, risk.order_terms, timestamptz)'::regprocedure;
select 'risk.get_flatten(uuid)'::regprocedure;
select 'risk.open_flatten(uuid, text, timestamptz)'::regprocedure;
select 'risk.record_flatten(risk.flattens, text, boolean, timestamptz)'::regprocedure;
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
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'risk.restrictions'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'risk.restrictions'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'risk.day_trader_flags'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'risk.day_trader_flags'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'risk.flattens'::regclass and tgname = '_900_refuse_delete';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'risk.flattens'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'risk.states'::regclass and tgname = '_900_refuse_delete';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'risk.states'::regclass and tgname = '_900_refuse_truncate';

rollback;
