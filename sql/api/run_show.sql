create or replace function api.run_show(
    p_run_id uuid
)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select ops.report_run(p_run_id)
     where run.assert_run(p_run_id);
$function$;

comment on function api.run_show(uuid) is
$$A run with its config, symbols and history.
Raises: MQN02.$$;
