create or replace function io.paper_replace(
    p_account_id         text,
    p_broker_order_id    uuid,
    p_order_qty          bigint,
    p_limit_price_micros bigint,
    p_stop_price_micros  bigint,
    p_now_at             timestamptz
)
returns jsonb
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select sim.format_order(sim.replace_order(
               p_account_id, p_broker_order_id, p_order_qty, p_limit_price_micros,
               p_stop_price_micros, p_now_at));
$function$;

comment on function io.paper_replace(text, uuid, bigint, bigint, bigint, timestamptz) is
$$Service door to sim.replace_order.$$;
