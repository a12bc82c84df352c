create or replace function api.replay_all(
    p_run_id   uuid,
    p_until_at timestamptz
)
returns table (
    table_name      text,
    stored_rows     bigint,
    replayed_rows   bigint,
    stored_digest   text,
    replayed_digest text,
    is_equal        boolean,
    difference      text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select c.table_name, c.stored_rows, c.replayed_rows, c.stored_digest, c.replayed_digest,
           c.is_equal, c.difference
      from replay.compare_run(p_run_id, p_until_at) as c
     where run.assert_run(p_run_id);
$function$;

comment on function api.replay_all(uuid, timestamptz) is
$$Each table of a run's state as it is stored and as its diary makes it, with the first difference. With
p_until_at: as it was then.
Raises: MQN02.$$;
