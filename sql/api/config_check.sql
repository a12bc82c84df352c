create or replace function api.config_check(
    p_config jsonb
)
returns table (
    path     text,
    rule     text,
    problem  text,
    is_fatal boolean
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select c.path, c.rule, c.problem, c.is_fatal
      from ops.check_config(p_config) as c
     order by c.is_fatal desc, c.path, c.rule;
$function$;

comment on function api.config_check(jsonb) is
$$Every fault of a config, fatal ones first; stores nothing.$$;
