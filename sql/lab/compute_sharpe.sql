create or replace function lab.compute_sharpe(
    p_returns numeric[]
)
returns numeric
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    select avg(r.value) / nullif(stddev_samp(r.value), 0) * sqrt(252::numeric)
      from unnest(p_returns) as r (value);
$function$;

comment on function lab.compute_sharpe(numeric[]) is
$$Mean of daily returns over their sample standard deviation, times the root of 252; no risk-free rate.
Null when there is no variation: undefined is not infinite.$$;
