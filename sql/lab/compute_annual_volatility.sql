create or replace function lab.compute_annual_volatility(
    p_returns numeric[]
)
returns numeric
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    select stddev_samp(r.value) * sqrt(252::numeric) from unnest(p_returns) as r (value);
$function$;

comment on function lab.compute_annual_volatility(numeric[]) is
$$Sample standard deviation of daily returns times the root of 252; null for fewer than two.$$;
