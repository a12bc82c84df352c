create or replace function oms.is_reducing(
    p_row oms.outbox
)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select risk.is_reducing(q.held_qty, q.buy_qty, q.sell_qty, q.order_qty)
      from oms.get_reduction(p_row) as q;
$function$;

comment on function oms.is_reducing(oms.outbox) is
$$True when a request of the reducing lane, as the books stand, can only bring its position nearer to zero;
see risk.is_reducing.$$;
