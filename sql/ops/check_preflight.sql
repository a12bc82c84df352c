create or replace function ops.check_preflight(
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
    select 'nothing_is_unresolved', oms.count_unresolved(p_run_id) = 0,
           oms.count_unresolved(p_run_id) || ' orders', 'run the gateway: it looks them up'
      from r
     union all
    select 'limits_are_set', exists (select from risk.limits as l where l.run_id = p_run_id),
           'daily loss, drawdown, orders, exposure, rejects', 'create the run again'
      from r
     union all
    select 'bars_are_there', b.short is null, coalesce(b.short, 'every symbol has its window'),
           'mqk md ingest, or run the marketdata worker'
      from (select string_agg(u.symbol, ', ' order by u.symbol) as short
              from run.universe as u
              join strat.assignments as a using (run_id)
             where u.run_id = p_run_id
               and (select count(*) from md.list_bars_as_of(
                        u.symbol, a.timeframe, a.window_bars, p_now_at)) < a.window_bars) as b
     where exists (select from r)
     union all
    select 'gate_' || lower(k.gate), s.gate is null, coalesce(s.reason, 'open'),
           case k.gate when 'RECON' then 'run the snapshots worker'
                       else 'run the marketdata worker' end
      from unnest(array['INTEGRITY', 'RECON', 'RISK']) as k (gate)
      left join run.list_shut_gates(
           p_run_id, array['INTEGRITY', 'RECON', 'RISK'], p_now_at) as s on s.gate = k.gate
     where exists (select from r)
     union all
    select 'approved_by_a_second_person', r.mode <> 'LIVE' or exists (
               select from run.approvals as a
                where a.run_id = p_run_id
                  and a.approved_at between p_now_at - interval '15 minutes' and p_now_at),
           r.mode, 'mqk run approve, by another login'
      from r;
$function$;

comment on function ops.check_preflight(uuid, timestamptz) is
$$Every check that must pass before a run is armed, with what it saw and how to clear it.
No row at all = there is no such run.$$;
