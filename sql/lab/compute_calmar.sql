create or replace function lab.compute_calmar(
    p_returns numeric[],
    p_periods numeric
)
returns numeric
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    select lab.compute_annual_return(p_returns, p_periods)
           / nullif(abs(lab.compute_max_drawdown(p_returns)), 0);
$function$;

comment on function lab.compute_calmar(numeric[], numeric) is
$$Annual return over the deepest drawdown; null when there was none, or no series.$$;
