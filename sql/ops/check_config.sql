create or replace function ops.check_config(
    p_config jsonb
)
returns table (
    path    text,
    problem text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with recursive leaves (path, value) as (
        select e.key, e.value
          from jsonb_each(case jsonb_typeof(p_config) when 'object' then p_config else '{}' end) as e
         union all
        select l.path || '.' || e.key, e.value
          from leaves as l
          cross join lateral jsonb_each(l.value) as e
         where jsonb_typeof(l.value) = 'object'
           and l.path <> 'strategy.parameters'
    )
    select l.path, 'is not a key of the config'
      from leaves as l
     where not exists (select from ops.list_config_rules() as r
                        where r.path = l.path or r.path like l.path || '.%')
     union all
    select r.path, case
               when v.value is null then 'is missing'
               else format('must be %s, is %s', ops.describe_rule(r.kind, r.low, r.high, r.choices),
                           case r.kind when 'env' then 'something else'
                                       else left(v.value::text, 60) end) end
      from ops.list_config_rules() as r
      cross join lateral (
        select p_config #> string_to_array(r.path, '.') as value) as v
     where ops.is_config_value(v.value, r.kind, r.low, r.high, r.choices) is not true
     order by 1;
$function$;

comment on function ops.check_config(jsonb) is
$$Every fault of a config with its dotted path: unknown key, missing key, wrong kind, out of bounds.
No row = it may be bound to a run.$$;
