create or replace function oms.list_open_shares(
    p_run_id    uuid,
    p_except_id uuid
)
returns table (
    symbol   text,
    buy_qty  bigint,
    sell_qty bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select o.symbol,
           sum(case when o.order_qty > 0 then l.left_qty else 0 end)::bigint,
           sum(case when o.order_qty < 0 then l.left_qty else 0 end)::bigint
      from oms.orders as o
     cross join lateral (select greatest(o.working_qty - o.cum_qty, 0) as left_qty) as l
     where o.run_id = p_run_id
       and o.order_status not in ('FILLED', 'CANCELED', 'EXPIRED', 'REJECTED')
       and oms.is_unfinished(o)
       and o.order_id is distinct from p_except_id
     group by o.symbol;
$function$;

comment on function oms.list_open_shares(uuid, uuid) is
$$Unsigned shares that the unfinished orders of a run may still buy and sell, by symbol: stops and orders
not yet sent included, the order p_except_id left out.$$;
