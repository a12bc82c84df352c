create or replace function lab.sum_last(
    p_values bigint[],
    p_many   integer
)
returns bigint
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(sum(u.value), 0)::bigint
      from unnest(p_values[greatest(cardinality(p_values) - p_many + 1, 1) :]) as u (value);
$function$;

comment on function lab.sum_last(bigint[], integer) is
$$The sum of the last p_many values, or of all if there are fewer.$$;
