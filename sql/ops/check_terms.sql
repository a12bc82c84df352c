create or replace function ops.check_terms(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    check_name text,
    is_ok      boolean,
    detail     text,
    fix        text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with r as (
        select r.*, c.config, c.canonical_json
          from run.runs as r
          left join run.configs as c using (config_hash)
         where r.run_id = p_run_id
    )
    select 'config_is_what_was_hashed', core.hash_text(r.canonical_json) = r.config_hash
           and core.format_canonical_json(r.config) = r.canonical_json, r.config_hash,
           'somebody wrote behind the doors: mqk audit verify, create the run again'
      from r
     union all
    select 'config_obeys_every_rule', r.config is not null and b.bad is null,
           coalesce(b.bad, 'every key has a lawful value'),
           'correct the config, create the run again'
      from r
      cross join lateral (
           select string_agg(c.path || ' ' || c.problem, '; ') as bad
             from ops.check_config(r.config) as c
            where c.is_fatal) as b
     union all
    select 'limits_are_those_of_the_config', l.run_id is not null,
           coalesce(format('daily loss %s, drawdown %s', core.format_micros(l.daily_loss_limit_micros),
                           core.format_micros(l.max_drawdown_micros)), 'none, or others'),
           'create the run again'
      from r
      left join risk.limits as l
        on l.run_id = r.run_id
       and l is not distinct from risk.compute_limits(
               r.run_id, r.initial_cash_micros, r.config -> 'risk')
       and least(l.daily_loss_limit_micros, l.max_drawdown_micros) > 0;
$function$;

comment on function ops.check_terms(uuid, timestamptz) is
$$The preflight checks of what the run is bound to: its config is the one that was hashed and obeys every
rule, its limits follow from it.$$;
