create or replace function ops.list_wide_limits(
    p_config jsonb
)
returns table (
    path    text,
    rule    text,
    problem text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select l.path, 'LIMIT_UNSAFE',
           format('is wider than the base layer: %s %s', case when l.high is null then 'at least'
                  else 'at most' end, coalesce(l.high, l.low))
      from ops.list_live_limits() as l
      cross join lateral (
        select p_config #> string_to_array(l.path, '.') as given) as g
      cross join lateral (
        select case jsonb_typeof(g.given) when 'number' then (g.given #>> '{}')::numeric
                    when 'boolean' then (g.given #>> '{}')::boolean::integer
                    when 'string' then (g.given #>> '{}' = 'IGNORE')::integer end as value) as v
     where v.value > l.high
        or v.value < l.low;
$function$;

comment on function ops.list_wide_limits(jsonb) is
$$Every brake that a config makes wider than the base layer has it.$$;
