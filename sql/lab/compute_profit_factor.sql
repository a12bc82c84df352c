create or replace function lab.compute_profit_factor(
    p_profits numeric[]
)
returns numeric
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    select sum(p.value) filter (where p.value > 0) / nullif(-sum(p.value) filter (where p.value < 0), 0)
      from unnest(p_profits) as p (value);
$function$;

comment on function lab.compute_profit_factor(numeric[]) is
$$Gross profit over gross loss of trades; null when there is no loss or no profit.$$;
