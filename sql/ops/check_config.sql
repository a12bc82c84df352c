create or replace function ops.check_config(
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
set search_path = pg_catalog, pg_temp
as $function$
    with live as (select p_config #>> '{engine,mode}' = 'LIVE' is true as is_live)
    select f.path, f.rule, f.problem, true from ops.list_unknown_keys(p_config) as f
     union all
    select f.path, f.rule, f.problem, true from ops.list_unfit_values(p_config) as f
     union all
    select f.path, f.rule, f.problem, true from ops.list_unscoped_names(p_config) as f
     union all
    select f.path, f.rule, f.problem, true from ops.list_data_faults(p_config) as f
     union all
    select replace(ltrim(s.path, '/'), '/', '.'), 'SECRET_DETECTED',
           format('REDACTED: looks like a secret (%s)', s.rule_id), true
      from core.list_secrets(p_config) as s
     union all
    select t.path, 'LIVE_TERMS', format('must be %s in LIVE', t.wanted), true
      from live as l
      join (values ('runtime.clock', 'SERVER'), ('runtime.deadman_file', 'true')) as t (path, wanted)
        on p_config #>> string_to_array(t.path, '.') is distinct from t.wanted
     where l.is_live
     union all
    select f.path, f.rule, f.problem, l.is_live
      from ops.list_wide_limits(p_config) as f cross join live as l
     union all
    select f.path, f.rule, f.problem, l.is_live
      from ops.list_unused_keys(p_config) as f cross join live as l
     order by 4 desc, 1, 2;
$function$;

comment on function ops.check_config(jsonb) is
$$Every fault of a config with its dotted path and rule: unknown, missing, wrong kind, out of bounds,
contradictory,
a secret, a key that nothing reads, a brake wider than the base layer. is_fatal: no run is made of it;
else a warning.
No fatal row = it may be bound to a run.$$;
