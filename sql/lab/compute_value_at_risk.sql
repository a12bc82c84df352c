create or replace function lab.compute_value_at_risk(
    p_returns numeric[],
    p_cutoff  numeric
)
returns numeric
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    with sorted as (
        select array_agg(r.value order by r.value) as v, count(*) as n
          from unnest(p_returns) as r (value) where r.value is not null
    ), place as (
        select s.v, s.n, (s.n - 1) * p_cutoff as rank from sorted as s where s.n > 0
    )
    select p.v[floor(p.rank)::integer + 1]
           + (p.v[least(floor(p.rank)::integer + 2, p.n::integer)] - p.v[floor(p.rank)::integer + 1])
             * (p.rank - floor(p.rank))
      from place as p;
$function$;

comment on function lab.compute_value_at_risk(numeric[], numeric) is
$$The return that a share p_cutoff (0..1) of all returns does not reach, linearly interpolated.$$;
