create or replace function md.find_bad_period(
    p_periods jsonb,
    p_symbols text[]
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select string_agg(p.value #>> '{}', '; ')
      from jsonb_array_elements(p_periods) as p
     cross join lateral string_to_array(p.value #>> '{}', ' ') as w
     where (array_length(w, 1) = 3 and core.parse_date(w[2]) <= core.parse_date(w[3])
            and w[1] = any (p_symbols)) is not true;
$function$;

comment on function md.find_bad_period(jsonb, text[]) is
$$The forbidden periods ['SYMBOL FROM TO'] that cannot be read or name none of the symbols, or null.$$;
