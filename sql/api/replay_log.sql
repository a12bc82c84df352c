create or replace function api.replay_log(
    p_run_id uuid
)
returns table (
    line text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select l.line
      from replay.list_log(p_run_id) as l
     where run.assert_run(p_run_id);
$function$;

comment on function api.replay_log(uuid) is
$$The log of a run as JSON lines: its diary, the points of its equity, and the digests of its stored state.
Raises: MQN02.$$;
