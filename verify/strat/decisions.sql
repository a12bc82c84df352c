-- Verify mqk:strat/decisions on pg

begin;

set local role mqk_owner;

select strategy_id, strategy_kind, version, is_enabled, registered_at
  from strat.strategies
 where false;

select run_id, strategy_id, timeframe, window_bars, parameters, stop_bps
  from strat.assignments
 where false;

select run_id, strategy_id, bar_end_at, context_sha256, decided_at
  from strat.decisions
 where false;

select run_id, strategy_id, bar_end_at, symbol, target_qty, order_type, limit_price_micros,
       stop_price_micros
  from strat.targets
 where false;

select null::strat.wish;

rollback;
