-- Verify mqk:strat/code on pg
-- built from sql/strat by `make code`: edit there

begin;

set local role mqk_owner;

select 'strat.register_strategy(text, text, text, timestamptz)'::regprocedure;
select 'strat.assign_strategy(uuid, text, text, integer, jsonb, integer)'::regprocedure;
select 'strat.get_context(uuid, timestamptz)'::regprocedure;
select 'strat.decide_sma_trend_sql(jsonb)'::regprocedure;
select 'strat.has_its_prices(strat.wish)'::regprocedure;
select 'strat.parse_target(jsonb)'::regprocedure;
select 'strat.format_target(jsonb)'::regprocedure;
select 'strat.run_sql_strategy(text, jsonb)'::regprocedure;
select 'strat.record_decision(uuid, timestamptz, jsonb, jsonb, timestamptz)'::regprocedure;
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'strat.decisions'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'strat.targets'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'strat.assignments'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'strat.decisions'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'strat.targets'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'strat.assignments'::regclass and tgname = '_900_refuse_truncate';

rollback;
