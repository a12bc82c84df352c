-- Verify mqk:risk/limits on pg

begin;

set local role mqk_owner;

select run_id, daily_loss_limit_micros, max_drawdown_micros, max_order_qty,
       max_order_notional_micros, max_position_micros, max_gross_exposure_micros,
       reject_storm_max_rejects, reject_storm_window_ms, allow_short
  from risk.limits
 where false;

select run_id, session_on, day_start_micros, peak_micros, equity_micros, worst_day_micros,
       worst_fall_micros, evaluated_at
  from risk.states
 where false;

select run_id, reject_seq, reference, rejected_at
  from risk.rejects
 where false;

select run_id, intent_id, verdict, rule, symbol, order_qty, numbers, decided_at
  from risk.decisions
 where false;

rollback;
