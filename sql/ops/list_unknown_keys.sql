create or replace function ops.list_unknown_keys(
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
    with recursive nodes (path, value) as (
        select e.key, e.value
          from jsonb_each(case jsonb_typeof(p_config) when 'object' then p_config else '{}' end) as e
         union all
        select n.path || '.' || e.key, e.value
          from nodes as n
          cross join lateral jsonb_each(n.value) as e
         where jsonb_typeof(n.value) = 'object'
           and exists (select from ops.list_config_rules() as r where starts_with(r.path, n.path || '.'))
    )
    select case when core.find_secret(n.path) is null then n.path else 'REDACTED' end,
           'UNKNOWN_KEY', 'is not a key of the config'
      from nodes as n
     where not exists (select from ops.list_config_rules() as r
                        where r.path = n.path or starts_with(r.path, n.path || '.'))
     union all
    select n.path, 'TYPE', 'is a section: it must hold keys'
      from nodes as n
     where jsonb_typeof(n.value) not in ('object', 'null')
       and exists (select from ops.list_config_rules() as r where starts_with(r.path, n.path || '.'));
$function$;

comment on function ops.list_unknown_keys(jsonb) is
$$Every key of a config that the rules do not have, and every section that holds no keys.$$;
