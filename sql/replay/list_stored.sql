create or replace function replay.list_stored(
    p_run_id uuid
)
returns table (
    table_name text,
    row_key    text,
    row_data   jsonb
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $function$
declare
    v_place record;
begin
    for v_place in select p.* from replay.list_left_out() as p order by p.table_name loop
        table_name := v_place.table_name;
        for row_data in
            execute format('select to_jsonb(t) from %s as t where t.run_id = $1',
                           to_regclass(v_place.table_name))
            using p_run_id
        loop
            row_key := (select string_agg(row_data ->> k.name, ' ' order by k.nth)
                          from unnest(v_place.key_columns) with ordinality as k (name, nth));
            row_data := row_data - v_place.left_out;
            return next;
        end loop;
    end loop;
end;
$function$;

comment on function replay.list_stored(uuid) is
$$Every row of state of a run as it is stored, with the columns that are compared, instants in UTC.
Why: read by the catalog, so that a column that nobody folds makes a difference.$$;
