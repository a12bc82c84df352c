create or replace function api.orders_cancel_all(
    p_run_id uuid,
    p_reason text,
    p_now_at timestamptz
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
           'CANCEL', p_run_id,
           jsonb_build_object('reason', p_reason), p_now_at) as f;
$function$;

comment on function api.orders_cancel_all(uuid, text, timestamptz) is
$$Asks for the end of all open orders of a run, and lets the run go on.$$;
