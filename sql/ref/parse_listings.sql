create or replace function ref.parse_listings(
    p_rows jsonb
)
returns table (
    symbol          text,
    effective_on    date,
    is_listed       boolean,
    instrument_kind text,
    name            text,
    formerly        text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select r.symbol, e.effective_on, e.is_listed, e.instrument_kind, e.name, e.formerly
      from jsonb_to_recordset(p_rows) as r (
           symbol text, instrument_kind text, name text, listed_on date, delisted_on date, formerly text)
     cross join lateral (
        values (coalesce(r.listed_on, '-infinity'), true, r.instrument_kind, r.name, r.formerly),
               (r.delisted_on, false, null, null, null))
        as e (effective_on, is_listed, instrument_kind, name, formerly)
     where e.effective_on is not null
       and (e.is_listed or not exists (
        select from jsonb_to_recordset(p_rows) as n (symbol text, listed_on date)
         where n.symbol = r.symbol and n.listed_on = r.delisted_on));
$function$;

comment on function ref.parse_listings(jsonb) is
$$The rows of an instruments file as what became true, and when: a listing on its first day, its end on the
first day after it, unless the name goes on with another row that day.
Raises: 22008 not a date.$$;
