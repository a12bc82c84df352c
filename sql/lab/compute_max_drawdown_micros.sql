create or replace function lab.compute_max_drawdown_micros(
    p_equity bigint[]
)
returns numeric
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    select min(e.value::numeric / e.peak - 1)
      from (select e.value, max(e.value) over (order by e.position) as peak
              from unnest(p_equity) with ordinality as e (value, position)) as e
     where e.peak > 0;
$function$;

comment on function lab.compute_max_drawdown_micros(bigint[]) is
$$Deepest fall from a peak of an equity curve; zero or negative, null for an empty curve.$$;
