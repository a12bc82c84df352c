create or replace function lab.compute_worst_span(
    p_equity   bigint[],
    p_sessions integer
)
returns numeric
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    select min(e.value::numeric / nullif(e.before, 0) - 1)
      from (select e.value, lag(e.value, p_sessions) over (order by e.position) as before
              from unnest(p_equity) with ordinality as e (value, position)) as e;
$function$;

comment on function lab.compute_worst_span(bigint[], integer) is
$$The lowest return over p_sessions steps of an equity curve, wherever they begin; null if it is shorter.$$;
