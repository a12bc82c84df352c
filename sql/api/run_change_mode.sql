create or replace function api.run_change_mode(
    p_engine_id text,
    p_mode      text,
    p_reason    text,
    p_now_at    timestamptz
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
           'CHANGE_MODE', null,
           jsonb_build_object('engine_id', p_engine_id, 'mode', p_mode, 'reason', p_reason),
           p_now_at) as f;
$function$;

comment on function api.run_change_mode(text, text, text, timestamptz) is
$$Lets the runs of an engine be active in another mode: PAPER, SHADOW or LIVE.$$;
