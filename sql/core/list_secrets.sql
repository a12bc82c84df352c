create or replace function core.list_secrets(
    p_json jsonb
)
returns table (
    path    text,
    rule_id text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with recursive nodes (path, key, value) as (
        select '', '', p_json
         union all
        select n.path || '/' || replace(replace(e.key, '~', '~0'), '/', '~1'),
               coalesce(e.name, n.key), e.value
          from nodes as n
          cross join lateral (
            select o.key, o.key as name, o.value
              from jsonb_each(case jsonb_typeof(n.value) when 'object' then n.value else '{}' end) as o
             union all
            select (a.position - 1)::text, null, a.value
              from jsonb_array_elements(
                   case jsonb_typeof(n.value) when 'array' then n.value else '[]' end)
                   with ordinality as a (value, position)) as e
    ), said as (
        select n.path, f.rule_id, core.find_secret(n.key) as in_key
          from nodes as n
          cross join lateral (
            select case when jsonb_typeof(n.value) in ('object', 'array') then core.find_secret(n.key)
                        else core.find_secret(n.key || ': ' || (n.value #>> '{}')) end as rule_id) as f
    )
    select case when s.in_key is null then s.path
                else regexp_replace(s.path, '[^/]*$', 'REDACTED') end,
           s.rule_id
      from said as s
     where s.rule_id is not null
     order by 1;
$function$;

comment on function core.list_secrets(jsonb) is
$$Where a document holds a secret, in a value or in a key: its JSON pointer and the rule, never the secret.
Why: a secret that is stored once is in every copy of the database.$$;
