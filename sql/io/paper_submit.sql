create or replace function io.paper_submit(
    p_account_id         text,
    p_client_order_id    text,
    p_symbol             text,
    p_order_qty          bigint,
    p_order_type         text,
    p_limit_price_micros bigint,
    p_stop_price_micros  bigint,
    p_time_in_force      text,
    p_now_at             timestamptz
)
returns jsonb
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select sim.format_order(sim.submit_order(
               p_account_id, p_client_order_id, p_symbol, p_order_qty, p_order_type,
               p_limit_price_micros, p_stop_price_micros, p_time_in_force, p_now_at));
$function$;

comment on function io.paper_submit(
    text, text, text, bigint, text, bigint, bigint, text, timestamptz) is
$$Service door to sim.submit_order; gives the order as the broker shows it.$$;
