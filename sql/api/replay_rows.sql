create or replace function api.replay_rows(
    p_run_id     uuid,
    p_table_name text,
    p_until_at   timestamptz
)
returns table (
    row_key  text,
    row_data jsonb
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.row_key, f.row_data
      from replay.list_folded(p_run_id, p_table_name, p_until_at) as f
     where run.assert_run(p_run_id);
$function$;

comment on function api.replay_rows(uuid, text, timestamptz) is
$$The rows of one table of a run's state as its diary up to p_until_at (null: all of it) makes them.
Raises: MQN02; MQA02 not a table of state.$$;
