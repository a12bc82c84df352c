create or replace function md.is_batch(
    p_rows jsonb
)
returns boolean
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select case jsonb_typeof(p_rows)
               when 'array' then true
               when 'object' then jsonb_typeof(p_rows -> 'lines') = 'string'
                    and jsonb_typeof(p_rows -> 'columns') = 'array'
                    and jsonb_array_length(p_rows -> 'columns') = (
                        select count(distinct c.name)
                          from unnest(array[
                               'line_no', 'symbol', 'timeframe', 'session_on', 'starts_at', 'ends_at',
                               'open', 'high', 'low', 'close', 'volume', 'is_complete']) as c (name)
                         where p_rows -> 'columns' ? c.name)
               else false end;
$function$;

comment on function md.is_batch(jsonb) is
$$Whether rows have one of the two forms that md.read_rows takes; no column is unknown or named twice.$$;
