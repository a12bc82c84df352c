create or replace function oms.count_refused_cancels(
    p_flatten risk.flattens,
    p_symbol  text
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(max(c.refused), 0)
      from (select count(*) as refused
              from oms.orders as o
              join oms.outbox as b using (run_id, order_id)
             where o.run_id = p_flatten.run_id and o.symbol = p_symbol and oms.is_unfinished(o)
               and b.request_kind = 'CANCEL' and b.outbox_status = 'FAILED'
               and b.enqueued_at >= p_flatten.asked_at
             group by o.order_id) as c;
$function$;

comment on function oms.count_refused_cancels(risk.flattens, text) is
$$How often the broker refused to end the order that stands most in the way of a flatten in a symbol.$$;
