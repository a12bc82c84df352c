-- Verify mqk:oms/inbox on pg

begin;

set local role mqk_owner;

select run_id, inbox_id, account_id, broker_message_id, event_kind, broker_order_id,
       client_order_id, order_id, execution_id, event_qty, price_micros, fee_micros, cum_qty,
       position_qty, total_qty, previous_id, replaces_id, replaced_by_id, event_at, raw, raw_sha256,
       received_at, disposition, reason, fill_seq, reversal_seq, recount_no, fill_key, cum_key
  from oms.inbox
 where false;

select account_id, cursor_text, moved_at
  from oms.cursors
 where false;

rollback;
