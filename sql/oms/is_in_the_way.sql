create or replace function oms.is_in_the_way(
    p_order  oms.orders,
    p_target strat.targets
)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select (p_order).order_status in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED')
           and (p_order).run_id = (p_target).run_id
           and (p_order).symbol = (p_target).symbol
           and ((p_order).order_type, (p_order).limit_price_micros, (p_order).stop_price_micros)
               is distinct from
               ((p_target).order_type, (p_target).limit_price_micros, (p_target).stop_price_micros)
           and exists (select from oms.intents as i
                        where i.run_id = (p_order).run_id and i.intent_id = (p_order).intent_id
                          and i.leg = 'TARGET');
$function$;

comment on function oms.is_in_the_way(oms.orders, strat.targets) is
$$Whether an order works towards a target of before in other terms: another type, or other prices.
Why: the newest target says how the way to it is traded.$$;
