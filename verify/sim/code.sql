-- Verify mqk:sim/code on pg
-- built from sql/sim by `make code`: edit there

begin;

set local role mqk_owner;

select 'sim.compute_slippage_bps(bigint, bigint, bigint, integer, integer, integer)'::regprocedure;
select 'sim.compute_fill_qty(bigint, bigint, bigint)'::regprocedure;
select 'sim.compute_market_price(text, bigint, bigint, bigint, bigint, bigint)'::regprocedure;
select 'sim.compute_stopped_price(bigint, bigint, bigint, bigint)'::regprocedure;
select 'sim.is_triggered(bigint, bigint, bigint, bigint)'::regprocedure;
select 'sim.compute_fill_price(text, bigint, bigint, bigint, bigint, bigint, bigint, bigint)'::regprocedure;
select 'sim.compute_fee(bigint, bigint, bigint, integer)'::regprocedure;
select 'sim.compute_lieu(bigint, bigint, bigint, bigint)'::regprocedure;
select 'sim.open_account(text, jsonb, timestamptz)'::regprocedure;
select 'sim.append_event(sim.orders, text, jsonb, text, timestamptz)'::regprocedure;
select 'sim.assert_may_rest(text, text, bigint)'::regprocedure;
select 'sim.derive_order_id(text, text)'::regprocedure;
select 'sim.submit_order(text, text, text, bigint, text, bigint, bigint, text, timestamptz)'::regprocedure;
select 'sim.end_order(text, uuid, text, text, timestamptz)'::regprocedure;
select 'sim.replace_order(text, uuid, bigint, bigint, bigint, timestamptz)'::regprocedure;
select 'sim.fill_order(sim.orders, bigint, bigint, timestamptz)'::regprocedure;
select 'sim.match_order(sim.orders, jsonb, timestamptz)'::regprocedure;
select 'sim.split_position(sim.actions, timestamptz)'::regprocedure;
select 'sim.announce_actions(text, jsonb, timestamptz)'::regprocedure;
select 'sim.apply_actions(text, timestamptz, timestamptz)'::regprocedure;
select 'sim.observe_bars(text, jsonb, timestamptz)'::regprocedure;
select 'sim.format_order(sim.orders)'::regprocedure;
select 'sim.get_snapshot(text, timestamptz)'::regprocedure;
select 'sim.list_events(text, bigint, integer)'::regprocedure;
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'sim.events'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'sim.events'::regclass and tgname = '_900_refuse_truncate';

rollback;
