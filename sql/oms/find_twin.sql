create or replace function oms.find_twin(
    p_message oms.inbox
)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    return (
    select case
        when (i.event_qty, i.price_micros, i.fee_micros, i.order_id)
             = (p_message.event_qty, p_message.price_micros, p_message.fee_micros,
                p_message.order_id)
             and (i.fill_key = p_message.execution_id or i.cum_key = p_message.cum_qty)
            then 'DUPLICATE'
        else 'CONTRADICTION' end
      from oms.inbox as i
     where i.account_id = p_message.account_id
       and (i.fill_key = p_message.execution_id
            or i.broker_order_id = p_message.broker_order_id
               and i.recount_no = p_message.recount_no
               and i.cum_key > p_message.cum_qty - p_message.event_qty
               and i.cum_key - i.event_qty < p_message.cum_qty)
     order by (i.fill_key = p_message.execution_id) desc, (i.cum_key = p_message.cum_qty) desc
     limit 1);
end;
$function$;

comment on function oms.find_twin(oms.inbox) is
$$Whether a fill was booked before: DUPLICATE (same terms), CONTRADICTION (other terms, or shares of the
order's cumulative count that another execution has filled), or null.
Why: the same fill comes by several ways and under several message ids; it is booked once.$$;
