create or replace function lab.list_rolling_sharpe(
    p_equity   bigint[],
    p_sessions integer
)
returns table (
    position_no integer,
    sharpe      numeric
)
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    with given as (
        select (select array_agg(round(p_equity[i + 1]::numeric / nullif(p_equity[i], 0) - 1, 12)
                                 order by i)
                  from generate_series(1, cardinality(p_equity) - 1) as i) as returns
    )
    select n, round(lab.compute_sharpe(g.returns[n - p_sessions + 1 : n]), 4)
      from given as g
     cross join generate_series(p_sessions, cardinality(g.returns)) as n
     order by n;
$function$;

comment on function lab.list_rolling_sharpe(bigint[], integer) is
$$The Sharpe ratio of the last p_sessions returns of an equity curve, from the first place with as many.$$;
