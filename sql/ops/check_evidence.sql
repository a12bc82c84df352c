create or replace function ops.check_evidence(
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
    select 'nothing_is_unresolved', oms.count_unresolved(p_run_id) = 0,
           oms.count_unresolved(p_run_id) || ' orders', 'run the gateway: it looks them up'
      from r
     union all
    select 'nothing_is_quarantined', q.messages = 0,
           q.messages || ' messages since a person looked last',
           'mqk why; settle them with the broker; mqk run halt, then clear-halted'
      from r
      cross join lateral (
           select count(*) as messages
             from oms.inbox as m
            where m.run_id = p_run_id and m.disposition = 'QUARANTINED'
              and m.received_at > coalesce((
                  select max(h.moved_at) from run.run_history as h
                   where h.run_id = p_run_id and h.from_status = 'HALTED'), '-infinity')) as q
     union all
    select 'reconcile_can_be_recomputed', c.run_id is not null and f.problem is null,
           coalesce(f.problem, 'snapshot ' || c.snapshot_seq, 'never reconciled'),
           'mqk recon verify; somebody wrote behind the doors, or: run the snapshots worker'
      from r
      left join lateral (
           select c.* from recon.comparisons as c
            where c.run_id = p_run_id order by c.snapshot_seq desc limit 1) as c on true
      left join lateral recon.find_difference(c) as f (problem) on c.run_id is not null
     union all
    (select 'gate_' || lower(k.gate), s.gate is null, coalesce(s.reason, 'open'),
            case k.gate when 'RECON' then 'run the snapshots worker'
                        when 'CONTINUITY' then 'run the broker_events worker'
                        else 'run the marketdata worker' end
       from r
      cross join unnest(array['CONTINUITY', 'INTEGRITY', 'RECON', 'RISK']) as k (gate)
       left join run.list_shut_gates(
            p_run_id, array['CONTINUITY', 'INTEGRITY', 'RECON', 'RISK'], p_now_at) as s on s.gate = k.gate
      order by k.gate);
$function$;

comment on function ops.check_evidence(uuid, timestamptz) is
$$The preflight checks of what is known: orders in doubt, quarantine, reconcile, gates.$$;
