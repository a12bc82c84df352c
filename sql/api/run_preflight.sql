create or replace function api.run_preflight(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    check_name text,
    is_ok      boolean,
    detail     text,
    fix        text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.check_name, f.is_ok, f.detail, f.fix
      from ops.check_preflight(p_run_id, p_now_at) as f
     where run.assert_run(p_run_id);
$function$;

comment on function api.run_preflight(uuid, timestamptz) is
$$Every check before arming.
Raises: MQN02.$$;
