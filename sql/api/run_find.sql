create or replace function api.run_find(
    p_engine_id text
)
returns uuid
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select run.find_run(p_engine_id);
$function$;

comment on function api.run_find(text) is
$$The run of an engine: the active one, else the latest.
Raises: MQN02 the engine has none.$$;
