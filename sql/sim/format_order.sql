create or replace function sim.format_order(
    p_order sim.orders
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select jsonb_build_object(
        'broker_order_id', p_order.broker_order_id,
        'client_order_id', p_order.client_order_id,
        'symbol', p_order.symbol,
        'side', case when p_order.order_qty > 0 then 'buy' else 'sell' end,
        'qty', abs(p_order.order_qty)::text,
        'filled_qty', p_order.filled_qty::text,
        'type', lower(p_order.order_type),
        'limit_price', core.format_micros(p_order.limit_price_micros),
        'stop_price', core.format_micros(p_order.stop_price_micros),
        'time_in_force', lower(p_order.time_in_force),
        'status', lower(p_order.order_status),
        'submitted_at', core.format_iso(p_order.submitted_at));
$function$;

comment on function sim.format_order(sim.orders) is
$$A paper order as the broker shows it: unsigned quantities as text, side buy or sell.$$;
