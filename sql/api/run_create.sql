create or replace function api.run_create(
    p_config   text,
    p_as_of_at timestamptz,
    p_now_at   timestamptz
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
           'CREATE', null, jsonb_build_object(
               'config', p_config, 'as_of_at', core.format_iso(p_as_of_at)), p_now_at) as f;
$function$;

comment on function api.run_create(text, timestamptz, timestamptz) is
$$Creates a run from a config in canonical json.$$;
