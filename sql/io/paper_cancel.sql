create or replace function io.paper_cancel(
    p_account_id      text,
    p_broker_order_id uuid,
    p_now_at          timestamptz
)
returns jsonb
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select sim.format_order(sim.end_order(
               p_account_id, p_broker_order_id, 'CANCELED', 'cancelled by the client', p_now_at));
$function$;

comment on function io.paper_cancel(text, uuid, timestamptz) is
$$Cancels a working paper order.$$;
