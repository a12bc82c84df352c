create or replace function lab.compute_sortino(
    p_returns numeric[]
)
returns numeric
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    select avg(r.value) * 252 / nullif(lab.compute_downside_risk(p_returns), 0)
      from unnest(p_returns) as r (value);
$function$;

comment on function lab.compute_sortino(numeric[]) is
$$Mean of daily returns times 252 over the downside risk; null when there was no loss.$$;
