create or replace function ops.check_run(
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
    select 'run_may_be_armed', r.run_status in ('CREATED', 'STOPPED'), 'the run is ' || r.run_status,
           'mqk run clear-halted, or stop it'
      from r
     union all
    select 'account_is_free', not exists (
               select from run.runs as other
                where other.account_id = r.account_id and other.run_id <> r.run_id
                  and other.run_status in ('ARMED', 'RUNNING')), r.account_id, 'stop the other run'
      from r
     union all
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
             from ops.check_config(r.config) as c) as b
     union all
    select 'limits_are_those_of_the_config', l.run_id is not null,
           coalesce(format('daily loss %s, drawdown %s', core.format_micros(l.daily_loss_limit_micros),
                           core.format_micros(l.max_drawdown_micros)), 'none, or others'),
           'create the run again'
      from r
      left join risk.limits as l
        on l.run_id = r.run_id
       and l.daily_loss_limit_micros = trunc(
               r.initial_cash_micros * (r.config #>> '{risk,daily_loss_limit}')::numeric)
       and l.max_drawdown_micros = trunc(
               r.initial_cash_micros * (r.config #>> '{risk,max_drawdown}')::numeric)
       and least(l.daily_loss_limit_micros, l.max_drawdown_micros) > 0
     union all
    select 'clock_is_near', r.clock_kind = 'VIRTUAL' or core.is_clock_near(p_now_at), r.clock_kind,
           'synchronise the clock of this machine (chrony)'
      from r
     union all
    select 'approved_by_a_second_person', r.mode <> 'LIVE' or exists (
               select from run.list_approvals(p_run_id, run.clamp_now(p_run_id, p_now_at))),
           r.mode, 'mqk run approve, by another login'
      from r;
$function$;

comment on function ops.check_run(uuid, timestamptz) is
$$The preflight checks of the run itself: status, account, config, limits, clock, second person.$$;
