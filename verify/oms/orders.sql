-- Verify mqk:oms/orders on pg

begin;

set local role mqk_owner;

select run_id, intent_id, strategy_id, bar_end_at, symbol, leg, leg_no, target_qty, position_qty, open_qty,
       order_qty, created_at
  from oms.intents
 where false;

select from_status, to_status
  from oms.order_moves
 where false;

select run_id, order_id, intent_id, allow_verdict, account_id, client_order_id, symbol,
       order_qty, order_type, limit_price_micros, stop_price_micros,
       time_in_force, order_status, status_seq,
       cum_qty, working_qty, gap_qty, pending_op, leaves_qty, may_submit, created_at
  from oms.orders
 where false;

select run_id, order_id, history_seq, from_seq, from_status, to_status, cum_qty,
       working_qty, gap_qty, pending_op, reason, moved_at
  from oms.order_history
 where false;

select run_id, strategy_id, bar_end_at, symbol, stop_id, outcome, deferred_at
  from oms.deferrals
 where false;

select run_id, planned_at
  from oms.stop_plans
 where false;

rollback;
