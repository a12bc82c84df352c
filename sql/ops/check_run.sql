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
    with r as (select * from run.runs as r where r.run_id = p_run_id)
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
    select 'engine_is_in_this_mode', e.mode = r.mode, format('%s is in %s', e.engine_id, e.mode),
           format('mqk run change-mode %s %s', e.engine_id, r.mode)
      from r
      join run.engines as e using (engine_id)
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
$$The preflight checks of the run itself: status, account, clock, second person.$$;
