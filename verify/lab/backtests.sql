-- Verify mqk:lab/backtests on pg

begin;

set local role mqk_owner;

select dataset_id, exchange_id, timeframe, symbols, from_on, to_on, ticks, bars, data_sha256,
       frozen_by, frozen_at
  from lab.datasets
 where false;

select dataset_id, pack_no, first_tick, ends_at, sessions, ends_session, is_complete, opens, highs,
       lows, closes, volumes
  from lab.packs
 where false;

select backtest_id, dataset_id, config_hash, strategy_id, code_sha256, parameters, initial_cash_micros,
       latency_bars, backtest_status, halt_reason, halted_at, ticks, orders, fills, cash_micros,
       equity_micros,
       digest, created_by, created_at
  from lab.backtests
 where false;

select backtest_id, tick_no, symbol_no, signal_kind, amount, limit_price_micros, stop_price_micros
  from lab.signals
 where false;

select backtest_id, order_no, tick_no, symbol_no, leg, order_qty, limit_price_micros, stop_price_micros,
       filled_qty, order_status, ended_tick
  from lab.orders
 where false;

select backtest_id, move_no, order_no, tick_no, stop_price_micros
  from lab.moved_stops
 where false;

select backtest_id, tick_no, symbol_no, order_qty, rule
  from lab.denials
 where false;

select backtest_id, fill_no, order_no, given_tick, tick_no, symbol_no, fill_qty, price_micros, fee_micros
  from lab.fills
 where false;

select backtest_id, close_no, symbol_no, entry_fill_no, exit_fill_no, closed_qty,
       entry_price_micros, split_tick, cost_micros, exit_price_micros, realized_micros
  from lab.closes
 where false;

select backtest_id, pack_no, equity_micros
  from lab.curves
 where false;

select backtest_id, flow_no, tick_no, symbol_no, flow_kind, amount_micros
  from lab.flows
 where false;

select backtest_id, dataset_id, symbol_no, tick_no, ratio_num, ratio_den, reference_micros, held_qty,
       new_qty, cash_micros
  from lab.adjustments
 where false;

select dataset_id, symbol_no, tick_no, effective_at, ratio_num, ratio_den
  from lab.splits
 where false;

select null::lab.terms, null::lab.lot_queue;

rollback;
