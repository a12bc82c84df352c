create or replace function ops.list_unused_keys(
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
    select r.path, 'UNUSED_KEY',
           format('is read by nothing at broker %s in mode %s', p_config #>> '{broker,name}',
                  p_config #>> '{engine,mode}')
      from ops.list_config_rules() as r
     where nullif(p_config #> string_to_array(r.path, '.'), 'null') is not null
       and not exists (select from ops.list_config_consumers() as c
                        where c.path = r.path
                          and p_config #>> '{broker,name}' = any (c.brokers) is not false
                          and p_config #>> '{engine,mode}' = any (c.modes) is not false);
$function$;

comment on function ops.list_unused_keys(jsonb) is
$$Every key that has a value and no consumer at this broker in this mode.$$;
