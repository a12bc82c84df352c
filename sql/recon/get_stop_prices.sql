create or replace function recon.get_stop_prices(
    p_order oms.orders,
    out stop_price_micros bigint,
    out asked_stop_micros bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce((array_agg(b.stop_price_micros order by b.outbox_id desc)
                     filter (where b.outbox_status = 'ACKED'))[1], p_order.stop_price_micros),
           (array_agg(b.stop_price_micros order by b.outbox_id desc)
            filter (where b.outbox_status not in ('ACKED', 'FAILED')
                       or p_order.order_status in ('FILLED', 'CANCELED', 'EXPIRED', 'REJECTED')))[1]
      from oms.outbox as b
     where b.run_id = p_order.run_id and b.order_id = p_order.order_id
       and b.request_kind = 'REPLACE';
$function$;

comment on function recon.get_stop_prices(oms.orders) is
$$The stop price of an order as the broker has confirmed it, in micros, and the one that was asked for and
is not answered yet; of an order that has ended the last one asked for, whatever the answer.
Why: between a replace and its answer the broker may show either.$$;
