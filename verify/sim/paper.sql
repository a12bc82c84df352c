-- Verify mqk:sim/paper on pg

begin;

set local role mqk_owner;

select account_id, opening_cash_micros, cash_micros, fill_profile, slippage_bps,
       volatility_mult_bps, max_slippage_bps, fee_per_share_micros, fee_bps, participation_bps,
       split_above_qty, last_event_no, opened_at
  from sim.accounts
 where false;

select account_id, symbol, close_micros, bar_end_at
  from sim.quotes
 where false;

select account_id, symbol, position_qty
  from sim.positions
 where false;

select account_id, broker_order_id, client_order_id, symbol, order_qty, order_type,
       limit_price_micros, stop_price_micros, time_in_force, order_status, filled_qty, is_triggered,
       submitted_at
  from sim.orders
 where false;

select account_id, event_no, event_kind, broker_order_id, client_order_id, execution_id,
       event_qty, price_micros, fee_micros, cum_qty, order_qty, position_qty, reason,
       occurred_at
  from sim.events
 where false;

select account_id, action_id, symbol, action_kind, effective_at, ratio_num, ratio_den,
       amount_micros, pay_at, held_qty, announced_at, applied_at, paid_at
  from sim.actions
 where false;

rollback;
