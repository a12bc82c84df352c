create or replace function lab.list_config_differences(
    p_first  jsonb,
    p_second jsonb
)
returns table (
    path      text,
    of_first  text,
    of_second text
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    with recursive nodes (side, path, value) as (
        values (1, '', p_first), (2, '', p_second)
         union all
        select n.side, ltrim(n.path || '.' || e.key, '.'), e.value
          from nodes as n
         cross join lateral jsonb_each(n.value) as e
         where jsonb_typeof(n.value) = 'object'
    ), leaves as (
        select n.side, n.path, n.value from nodes as n where jsonb_typeof(n.value) <> 'object'
    )
    select coalesce(a.path, b.path), a.value::text, b.value::text
      from (select l.* from leaves as l where l.side = 1) as a
      full join (select l.* from leaves as l where l.side = 2) as b using (path)
     where a.value is distinct from b.value
     order by 1;
$function$;

comment on function lab.list_config_differences(jsonb, jsonb) is
$$The keys in which two configs differ, with both values as JSON text; null where there is no such key.$$;
