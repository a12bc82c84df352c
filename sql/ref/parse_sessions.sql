create or replace function ref.parse_sessions(
    p_rows jsonb
)
returns table (
    session_on  date,
    opens_at    timestamptz,
    closes_at   timestamptz,
    is_half_day boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select r.session_on, core.parse_time(r.opens_at), core.parse_time(r.closes_at), r.is_half_day
      from jsonb_to_recordset(p_rows) as r (
           session_on date, opens_at text, closes_at text, is_half_day boolean);
$function$;

comment on function ref.parse_sessions(jsonb) is
$$The rows of a calendar in types; a time without an offset is null.
Raises: 22008, 22P02 not a date or a boolean.$$;
