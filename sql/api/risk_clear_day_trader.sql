create or replace function api.risk_clear_day_trader(
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
           'CLEAR_DAY_TRADER', p_run_id, jsonb_build_object('reason', p_reason), p_now_at) as f;
$function$;

comment on function api.risk_clear_day_trader(uuid, text, timestamptz) is
$$Takes the pattern day trader's flag from the account of a run.$$;
