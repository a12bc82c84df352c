create or replace function ref.parse_classifications(
    p_rows jsonb
)
returns table (
    symbol       text,
    scheme       text,
    effective_on date,
    code         text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select r.symbol, r.scheme, coalesce(r.effective_on, '-infinity'), r.code
      from jsonb_to_recordset(p_rows) as r (symbol text, scheme text, effective_on date, code text);
$function$;

comment on function ref.parse_classifications(jsonb) is
$$The rows of a classifications file in types; without a day it was always so.
Raises: 22008 not a date.$$;
