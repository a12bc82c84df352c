-- Verify mqk:ledger/books on pg

begin;

set local role mqk_owner;

select run_id, fill_seq, account_id, execution_id, client_order_id, symbol, fill_qty,
       price_micros, notional_micros, fee_micros, is_late, reverses_seq, corrects_seq, fill_kind,
       reversed_qty, reversed_fee, executed_at, booked_at
  from ledger.fills
 where false;

select run_id, entry_seq, prev_seq, entry_kind, fill_seq, deposit_delta_micros,
       cash_delta_micros, cost_delta_micros, realized_delta_micros, fee_delta_micros,
       deposits_micros, cash_micros, cost_micros, realized_micros, fees_micros, deposits_before,
       cash_before, cost_before, realized_before, fees_before, booked_at
  from ledger.entries
 where false;

select run_id, entry_seq, deposits_micros, cash_micros, cost_micros, realized_micros,
       fees_micros
  from ledger.portfolios
 where false;

select run_id, symbol, match_no, lot_seq, queue_no, opened_qty, open_qty, entry_price_micros,
       opened_at
  from ledger.lots
 where false;

select run_id, symbol, match_no, fill_seq, fill_queue_no, lot_seq, lot_queue_no, closed_qty,
       entry_price_micros, exit_price_micros, realized_micros, closed_at
  from ledger.lot_closes
 where false;

select run_id, symbol, match_no, position_qty, cost_micros, realized_micros, changed_at
  from ledger.positions
 where false;

select run_id, point_seq, session_on, cash_micros, net_micros, gross_micros, equity_micros,
       marked_at
  from ledger.equity_points
 where false;

rollback;
