create or replace function lab.compute_downside_risk(
    p_returns numeric[]
)
returns numeric
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    select sqrt(avg(power(least(r.value, 0), 2))) * sqrt(252::numeric)
      from unnest(p_returns) as r (value)
     where r.value is not null;
$function$;

comment on function lab.compute_downside_risk(numeric[]) is
$$Root mean square of the losses among daily returns (gains count as 0), times the root of 252.$$;
