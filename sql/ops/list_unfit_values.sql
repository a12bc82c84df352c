create or replace function ops.list_unfit_values(
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
    with given as (
        select r.*, nullif(p_config #> string_to_array(r.path, '.'), 'null') as value
          from ops.list_config_rules() as r
    )
    select g.path, 'MISSING', 'is missing'
      from given as g
     where g.value is null
       and exists (select from ops.list_config_consumers() as c
                    where c.path = g.path
                      and p_config #>> '{broker,name}' = any (c.brokers) is not false
                      and p_config #>> '{engine,mode}' = any (c.modes) is not false)
     union all
    select g.path, case g.kind when 'env' then 'ENV_NAME' else 'TYPE' end,
           format('must be %s%s', ops.describe_rule(g.kind, g.low, g.high, g.choices),
                  case when g.kind = 'env' or core.find_secret(g.path || ': ' || (g.value #>> '{}'))
                            is not null then ', not what it is (REDACTED)'
                       else ', is ' || left(g.value::text, 60) end)
      from given as g
     where g.value is not null
       and ops.is_config_value(g.value, g.kind, g.low, g.high, g.choices) is not true;
$function$;

comment on function ops.list_unfit_values(jsonb) is
$$Every key that is missing although something reads it, and every value of a wrong kind or out of bounds.
Why: null says that a key is not used; where the broker or the mode is unknown, every key is needed.$$;
