create or replace function replay.list_folded(
    p_run_id     uuid,
    p_table_name text,
    p_until_at   timestamptz
)
returns table (
    row_key  text,
    row_data jsonb
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(
        exists (select from replay.places as p
                 where p.table_name = p_table_name and p.place = 'STATE'), 'MQA02',
        'a table of state, not ' || coalesce(p_table_name, 'null'));
    return query
    select f.row_key, f.row_data
      from replay.fold_all(p_run_id, coalesce(p_until_at, 'infinity')) as f
     where f.table_name = p_table_name
     order by f.row_key collate "C";
end;
$function$;

comment on function replay.list_folded(uuid, text, timestamptz) is
$$The rows of one table of state as the diary up to p_until_at (null: all of it) makes them.
Raises: MQA02 not a table of state.$$;
