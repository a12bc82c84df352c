-- Verify mqk:ledger/books on pg

begin;

set local role mqk_owner;

select run_id, fill_seq, account_id, execution_id, client_order_id, symbol, fill_qty,
       price_micros, notional_micros, fee_micros, is_late, reverses_seq, corrects_seq, fill_kind,
       reversed_qty, reversed_fee, executed_at, booked_at
  from ledger.fills
 where false;

select run_id, adjustment_seq, action_id, symbol, action_kind, effective_at, ratio_num, ratio_den,
       amount_micros, reference_micros, held_qty, dividend_micros, entry_kind, applied_at
  from ledger.adjustments
 where false;

select run_id, entry_seq, prev_seq, entry_kind, fill_seq, adjustment_seq, symbol, qty_delta,
       deposit_delta_micros, cash_delta_micros, cost_delta_micros, realized_delta_micros,
       fee_delta_micros, income_delta_micros, deposits_micros, cash_micros, cost_micros,
       realized_micros, fees_micros, income_micros, deposits_before, cash_before, cost_before,
       realized_before, fees_before, income_before, booked_at
  from ledger.entries
 where false;

select run_id, entry_seq, deposits_micros, cash_micros, cost_micros, realized_micros,
       fees_micros, income_micros
  from ledger.portfolios
 where false;

select run_id, symbol, match_no, lot_seq, queue_no, opened_qty, open_qty, entry_price_micros,
       open_cost_micros, split_qty, split_seq, opened_at
  from ledger.lots
 where false;

select run_id, symbol, match_no, fill_seq, fill_queue_no, lot_seq, lot_queue_no, closed_qty,
       entry_price_micros, split_seq, open_qty, open_cost_micros, cost_micros, exit_price_micros,
       realized_micros, closed_at
  from ledger.lot_closes
 where false;

select run_id, symbol, match_no, adjustment_seq, ratio_num, ratio_den, reference_micros, held_qty,
       new_qty, cash_micros, cost_micros, realized_micros
  from ledger.splits
 where false;

select run_id, symbol, match_no, adjustment_seq, lot_seq, from_qty, to_qty, from_cost_micros,
       to_cost_micros
  from ledger.lot_splits
 where false;

select run_id, symbol, match_no, position_qty, cost_micros, realized_micros, changed_at
  from ledger.positions
 where false;

select run_id, point_seq, session_on, cash_micros, net_micros, gross_micros, equity_micros,
       marked_at
  from ledger.equity_points
 where false;

rollback;
