create or replace function oms.is_fill(
    p_message oms.inbox
)
returns boolean
language sql
immutable
parallel safe
return p_message.event_kind in ('partial_fill', 'fill', 'trade_correct')
       or not oms.is_known_event(p_message.event_kind)
          and num_nulls((p_message).execution_id, (p_message).event_qty, (p_message).price_micros) = 0;

comment on function oms.is_fill(oms.inbox) is
$$True for a message that brings an execution: by its kind, or, when the kind is unknown to us, by what
it carries. Why: money that moved is booked, whatever the broker calls it.$$;
