create or replace function api.status_all(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    section text,
    item    text,
    value   text,
    is_ok   boolean
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.section, f.item, f.value, f.is_ok
      from ops.list_status(p_run_id, p_now_at) as f
     where run.assert_run(p_run_id);
$function$;

comment on function api.status_all(uuid, timestamptz) is
$$A run at a glance.
Raises: MQN02.$$;
