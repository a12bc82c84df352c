create or replace function replay.list_records(
    p_event_seq bigint,
    p_rows      jsonb
)
returns table (
    event_seq  bigint,
    table_name text,
    row_data   jsonb
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select p_event_seq, r.table_name, r.row_data
      from jsonb_to_recordset(p_rows) as r (table_name text, row_data jsonb);
$function$;

comment on function replay.list_records(bigint, jsonb) is
$$What replay.list_rows made, as records.$$;
