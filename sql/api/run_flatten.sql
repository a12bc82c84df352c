create or replace function api.run_flatten(
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
           'FLATTEN', p_run_id, jsonb_build_object('reason', p_reason), p_now_at) as f;
$function$;

comment on function api.run_flatten(uuid, text, timestamptz) is
$$Halts a run and asks for all its positions to be closed; the gateway does it.$$;
