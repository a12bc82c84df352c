-- Verify mqk:risk/limits on pg

begin;

set local role mqk_owner;

select run_id, daily_loss_limit_micros, max_drawdown_micros, max_order_qty,
       max_order_notional_micros, max_position_micros, max_gross_exposure_micros,
       max_net_exposure_micros, max_leverage_bps, halt_leverage_bps, max_concentration_bps,
       price_collar_bps, max_orders, order_window_ms, max_messages, message_window_ms, max_repeats,
       repeat_window_ms, allowed_session, pdt_mode, pdt_max_day_trades, pdt_min_equity_micros,
       flatten_on_critical, reject_storm_max_rejects, reject_storm_window_ms, allow_short
  from risk.limits
 where false;

select run_id, session_on, day_start_micros, peak_micros, equity_micros, gross_micros,
       worst_day_micros, worst_fall_micros, evaluated_at
  from risk.states
 where false;

select run_id, reject_seq, reference, rejected_at
  from risk.rejects
 where false;

select run_id, intent_id, verdict, rule, symbol, order_qty, numbers, decided_at
  from risk.decisions
 where false;

select symbol, restriction_seq, restriction, reason, actor, effective_at, restricted_at
  from risk.restrictions
 where false;

select account_id, flag_seq, is_flagged, day_trades, reason, actor, flagged_at
  from risk.day_trader_flags
 where false;

select run_id, halted_seq, halted_status, reason, actor, asked_at, waits_for, done_at
  from risk.flattens
 where false;

select null::risk.order_facts, null::risk.order_terms;

rollback;
