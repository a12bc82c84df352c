create or replace function oms.get_open_qty(
    p_run_id uuid,
    p_symbol text
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(sum(sign(o.order_qty)::bigint * o.leaves_qty), 0)::bigint
      from oms.orders as o
     where o.run_id = p_run_id
       and o.symbol = p_symbol
       and o.time_in_force = 'DAY'
       and o.order_status in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED');
$function$;

comment on function oms.get_open_qty(uuid, text) is
$$Signed shares still open in working orders of a symbol; orders not yet sent count too,
stops that protect a position do not.$$;
