-- Verify mqk:ledger/code on pg
-- built from sql/ledger by `make code`: edit there

begin;

set local role mqk_owner;

select 'ledger.open_portfolio(uuid, bigint, timestamptz)'::regprocedure;
select from ledger.standing_fills where false;
select 'ledger.compute_close_qty(bigint, bigint)'::regprocedure;
select 'ledger.match_lots(ledger.fills, bigint, bigint)'::regprocedure;
select 'ledger.list_lot_splits(ledger.lots[], bigint, bigint)'::regprocedure;
select 'ledger.split_lots(ledger.adjustments, bigint)'::regprocedure;
select 'ledger.rematch_lots(uuid, text, bigint)'::regprocedure;
select 'ledger.rematch_position(uuid, text)'::regprocedure;
select 'ledger.is_newest_fill(ledger.fills)'::regprocedure;
select 'ledger.get_next_seq(uuid)'::regprocedure;
select 'ledger.carry_entry(ledger.entries, bigint)'::regprocedure;
select 'ledger.append_entry(ledger.entries, bigint)'::regprocedure;
select 'ledger.post_entry(ledger.fills)'::regprocedure;
select 'ledger.post_fill(uuid, text, text, text, text, bigint, bigint, bigint, boolean, bigint, timestamptz, timestamptz)'::regprocedure;
select 'ledger.post_reversal(uuid, bigint, timestamptz, timestamptz)'::regprocedure;
select 'ledger.list_due_actions(uuid, timestamptz)'::regprocedure;
select 'ledger.get_qty_at(uuid, text, timestamptz)'::regprocedure;
select 'ledger.apply_action(uuid, md.corporate_actions, timestamptz)'::regprocedure;
select 'ledger.pay_dividends(uuid, timestamptz)'::regprocedure;
select 'ledger.compute_exposure(uuid, jsonb)'::regprocedure;
select 'ledger.record_equity(uuid, date, bigint, bigint, bigint, timestamptz)'::regprocedure;
select 'ledger.get_position_qty(uuid, text)'::regprocedure;
select 'ledger.tg_positions__match_lots()'::regprocedure;
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ledger.fills'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ledger.entries'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ledger.lot_closes'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ledger.equity_points'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ledger.lots'::regclass and tgname = '_900_refuse_delete';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ledger.positions'::regclass and tgname = '_900_refuse_delete';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ledger.adjustments'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ledger.adjustments'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ledger.splits'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ledger.splits'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ledger.lot_splits'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ledger.lot_splits'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ledger.fills'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ledger.entries'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ledger.lot_closes'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ledger.equity_points'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ledger.positions'::regclass and tgname = '_500_match_lots';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ledger.lots'::regclass and tgname = '_500_match_lots';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ledger.lots'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ledger.positions'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ledger.portfolios'::regclass and tgname = '_900_refuse_delete';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ledger.portfolios'::regclass and tgname = '_900_refuse_truncate';

rollback;
