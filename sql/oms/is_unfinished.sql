create or replace function oms.is_unfinished(
    p_order oms.orders
)
returns boolean
language sql
immutable
parallel safe
return (p_order).order_status in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED')
       or (p_order).order_status = 'DONE_FOR_DAY' and (p_order).time_in_force = 'GTC';

comment on function oms.is_unfinished(oms.orders) is
$$True while an order may still fill: it works, waits to be sent, or rests until the next session.$$;
