create or replace function md.list_usual_ratios()
returns table (num bigint, den bigint)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select s.num, s.den
      from (values (3::bigint, 2::bigint), (5, 2)) as s (num, den)
     union all
    select n, 1 from generate_series(2::bigint, 50) as n
     union all
    select 1, n from generate_series(2::bigint, 50) as n;
$function$;

comment on function md.list_usual_ratios() is
$$Ratios, new shares for old ones, in which shares are split as a rule.$$;
