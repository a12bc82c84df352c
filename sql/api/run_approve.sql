create or replace function api.run_approve(
    p_run_id  uuid,
    p_confirm text,
    p_now_at  timestamptz
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
           'APPROVE', p_run_id, jsonb_build_object('confirm', p_confirm), p_now_at) as f;
$function$;

comment on function api.run_approve(uuid, text, timestamptz) is
$$A second person approves arming a LIVE run, in the exact words that arm it, for 15 minutes.$$;
