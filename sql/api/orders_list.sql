create or replace function api.orders_list(
    p_run_id uuid
)
returns table (
    client_order_id  text,
    symbol           text,
    order_qty        bigint,
    order_type       text,
    order_status     text,
    cum_qty          bigint,
    avg_price_micros bigint,
    outbox_status    text,
    broker_order_id  text,
    submitted_at     timestamptz,
    reject_reason    text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.client_order_id, f.symbol, f.order_qty, f.order_type, f.order_status, f.cum_qty,
           f.avg_price_micros, f.outbox_status, f.broker_order_id, f.submitted_at,
           f.reject_reason
      from ops.list_orders(p_run_id) as f
     where run.assert_run(p_run_id);
$function$;

comment on function api.orders_list(uuid) is
$$Orders of a run in the order given.
Raises: MQN02.$$;
