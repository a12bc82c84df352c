create or replace function lab.list_combinations(
    p_grid jsonb
)
returns setof jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    with recursive axes as (
        select g.key, g.value, row_number() over (order by g.key collate "C") as nth
          from jsonb_each(p_grid) as g
    ), made (nth, parameters) as (
        select 0::bigint, '{}'::jsonb
         union all
        select a.nth, m.parameters || jsonb_build_object(a.key, v.value)
          from made as m
          join axes as a on a.nth = m.nth + 1
         cross join lateral jsonb_array_elements(a.value) as v
    )
    select m.parameters from made as m
     where m.nth = (select count(*) from axes)
     order by m.parameters;
$function$;

comment on function lab.list_combinations(jsonb) is
$$Each value of a grid {parameter: [values]} with each of the others.$$;
