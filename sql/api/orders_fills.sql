create or replace function api.orders_fills(
    p_run_id uuid
)
returns table (
    fill_seq        bigint,
    execution_id    text,
    client_order_id text,
    symbol          text,
    fill_qty        bigint,
    price_micros    bigint,
    fee_micros      bigint,
    is_late         boolean,
    filled_at       timestamptz
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.fill_seq, f.execution_id, f.client_order_id, f.symbol, f.fill_qty, f.price_micros,
           f.fee_micros, f.is_late, f.filled_at
      from ops.list_fills(p_run_id) as f
     where run.assert_run(p_run_id);
$function$;

comment on function api.orders_fills(uuid) is
$$Booked fills of a run.
Raises: MQN02.$$;
