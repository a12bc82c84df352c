create or replace function api.orders_cancel(
    p_client_order_id text,
    p_reason          text,
    p_now_at          timestamptz
)
returns table (
    outcome    text,
    run_id     uuid,
    run_status text,
    error_code text,
    law        text,
    detail     text,
    fix        text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.outcome, f.run_id, f.run_status, f.error_code, f.law, f.detail, f.fix
      from ops.perform_action(
           'CANCEL', (select o.run_id from oms.orders as o join run.runs as r using (run_id)
                      where o.client_order_id = p_client_order_id),
           jsonb_build_object('client_order_id', p_client_order_id, 'reason', p_reason), p_now_at) as f;
$function$;

comment on function api.orders_cancel(text, text, timestamptz) is
$$Asks for the end of one open order; done is only what the broker then says.$$;
