create or replace function replay.list_rows(
    p_table_name text,
    p_rows       jsonb,
    p_is_closed  boolean default false
)
returns jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(jsonb_agg(jsonb_build_object('table_name', p_table_name, 'row_data', r.value)), '[]')
      from jsonb_array_elements(coalesce(nullif(p_rows, 'null'), '[]')) as r
     where not p_is_closed or r.value -> 'open_qty' = '0';
$function$;

comment on function replay.list_rows(text, jsonb, boolean) is
$$Rows of a table, each with the table's name; with p_is_closed only lots with nothing left.$$;
