create or replace function api.run_scope(
    p_login      text,
    p_engine_ids jsonb,
    p_now_at     timestamptz
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
           'SCOPE', null,
           jsonb_build_object('login', p_login, 'engine_ids', p_engine_ids), p_now_at) as f;
$function$;

comment on function api.run_scope(text, jsonb, timestamptz) is
$$From now on a login knows of these engines and no other; an empty array: of all.$$;
