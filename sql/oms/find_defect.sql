create or replace function oms.find_defect(
    p_message oms.inbox
)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    if p_message.order_id is null then
        return case when not oms.is_fill(p_message) and exists (
                        select from oms.orders as o
                         where o.client_order_id = p_message.client_order_id
                           and o.account_id = p_message.account_id)
                    then 'EARLIER_RUN' else 'UNKNOWN_ORDER' end;
    elsif exists (
        select from oms.outbox as b
         where b.run_id = p_message.run_id and b.order_id = p_message.order_id
           and b.request_kind = 'SUBMIT' and b.outbox_status in ('PENDING', 'CLAIMED'))
    then
        return 'NEVER_DISPATCHED';
    elsif p_message.broker_order_id is null then
        return 'NO_BROKER_ORDER_ID';
    elsif p_message.replaces_id is null and (
        select bool_or(m.broker_order_id = p_message.broker_order_id)
          from oms.outbox as b
          join oms.broker_map as m using (run_id, outbox_id)
         where b.run_id = p_message.run_id and b.order_id = p_message.order_id) = false
    then
        return 'OTHER_BROKER_ORDER';
    end if;
    return case
        when oms.is_fill(p_message) and (
                num_nulls(p_message.execution_id, p_message.event_qty, p_message.price_micros,
                          p_message.fee_micros, p_message.cum_qty, p_message.event_at) > 0
                or p_message.event_qty not between 1 and 1000000000
                or p_message.price_micros not between 1 and 10000000000000
                or p_message.fee_micros not between 0 and 4000000000000000
                or p_message.event_at <= (
                    select i.bar_end_at
                      from oms.orders as o join oms.intents as i using (run_id, intent_id)
                     where o.run_id = p_message.run_id and o.order_id = p_message.order_id))
            then 'BAD_FILL'
        when p_message.event_kind in ('trade_bust', 'trade_correct')
             and num_nulls(p_message.previous_id, p_message.event_at) > 0
            then 'BAD_REVERSAL' end;
end;
$function$;

comment on function oms.find_defect(oms.inbox) is
$$Why a broker message cannot be believed, or null. Fractional shares, a missing price, a fill of an
order we never sent and one from before the bar that it was decided on are defects: the message is kept
and the run halted. EARLIER_RUN is none: news
without a fill of an order that an earlier run of the account gave.$$;
