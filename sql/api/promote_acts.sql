create or replace function api.promote_acts(
    p_run_id uuid
)
returns table (
    kind  text,
    place bigint,
    act   text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.kind, f.place, f.act
      from lab.list_run_acts(p_run_id) as f
     where run.assert_run(p_run_id)
     order by f.kind collate "C", f.place;
$function$;

comment on function api.promote_acts(uuid) is
$$What a run did and how it ended, one line an act.
Raises: MQN02.$$;
