create or replace function oms.is_being_traded(
    p_run_id uuid,
    p_symbol text
)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select exists (select from oms.orders as o
                    where o.run_id = p_run_id and o.symbol = p_symbol and o.time_in_force = 'DAY'
                      and o.order_status in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED'))
           or exists (select from oms.deferrals as d
                       where d.run_id = p_run_id and d.symbol = p_symbol and d.outcome = 'WAITING');
$function$;

comment on function oms.is_being_traded(uuid, text) is
$$True while an order other than the stop works in a symbol, or waits for the stop to make way.$$;
