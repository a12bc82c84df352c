create or replace function oms.is_known_event(
    p_event_kind text
)
returns boolean
language sql
immutable
parallel safe
return p_event_kind in (
    'pending_new', 'accepted', 'new', 'held', 'accepted_for_bidding', 'stopped', 'suspended',
    'pending_review', 'calculated', 'restated', 'partial_fill', 'fill', 'done_for_day', 'canceled',
    'expired', 'rejected', 'pending_cancel', 'order_cancel_rejected', 'pending_replace', 'replaced',
    'order_replace_rejected', 'trade_bust', 'trade_correct');

comment on function oms.is_known_event(text) is
$$True for the broker events whose meaning we know.$$;
