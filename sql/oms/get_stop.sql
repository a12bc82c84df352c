create or replace function oms.get_stop(
    p_run_id uuid,
    p_symbol text
)
returns oms.orders
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select o.*
      from oms.orders as o
     where o.run_id = p_run_id and o.symbol = p_symbol and o.time_in_force = 'GTC'
       and o.order_status in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED', 'DONE_FOR_DAY');
$function$;

comment on function oms.get_stop(uuid, text) is
$$The live protective stop of a position, or null. There is never a second one.$$;
