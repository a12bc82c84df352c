create or replace function api.config_consumed()
returns table (
    path     text,
    kind     text,
    consumer text,
    brokers  text,
    modes    text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select r.path, r.kind, coalesce(c.consumer, 'NOBODY'),
           coalesce(array_to_string(c.brokers, ', '), 'all'),
           coalesce(array_to_string(c.modes, ', '), 'all')
      from ops.list_config_rules() as r
      left join ops.list_config_consumers() as c on c.path = r.path
     order by r.path, c.consumer;
$function$;

comment on function api.config_consumed() is
$$Every key of the config with what reads it, at which brokers and in which modes.$$;
