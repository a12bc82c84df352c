create or replace function ops.list_holds(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    step    integer,
    gate    text,
    is_open boolean,
    since   timestamptz,
    reason  text,
    clear   text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select 1, 'run_status', r.run_status = 'RUNNING', h.moved_at, r.run_status || ': ' || h.reason,
           case r.run_status
               when 'CREATED' then 'mqk run preflight, arm, begin'
               when 'STOPPED' then 'mqk run preflight, arm, begin'
               when 'ARMED' then 'mqk run begin'
               when 'HALTED' then 'investigate; mqk run clear-halted --reason ...; arm; begin' end
      from run.runs as r
      join run.run_history as h on h.run_id = r.run_id and h.history_seq = r.status_seq
     where r.run_id = p_run_id
     union all
    select 2, 'bars', c.closes_at is not null, c.closes_at,
           coalesce('session ' || c.session_on || ' is complete',
                    'the last session lacks bars'), 'run the marketdata worker'
      from run.runs as r
      left join lateral md.get_complete_session(p_run_id, p_now_at) as c on true
     where r.run_id = p_run_id
     union all
    select 3, 'gate ' || k.gate, s.gate is null, g.observed_at, coalesce(s.reason, h.reason),
           case k.gate when 'CONTINUITY' then 'run the broker_events worker; it asks for what is missing'
                       when 'DEADMAN' then 'start the workers; a halt must be cleared'
                       when 'INTEGRITY' then 'ingest the missing bars (marketdata worker)'
                       when 'RECON' then 'run the snapshots worker; settle the differences'
                       else 'see mqk risk show; a halt must be cleared' end
      from unnest(run.list_gates()) as k (gate)
      join run.runs as r on r.run_id = p_run_id
      left join run.gates as g on g.run_id = p_run_id and g.gate = k.gate
      left join run.gate_history as h
        on h.run_id = g.run_id and h.gate = g.gate and h.gate_seq = g.gate_seq
      left join run.list_shut_gates(p_run_id, run.list_gates(), p_now_at) as s on s.gate = k.gate
     union all
    select 4, 'unresolved orders', oms.count_unresolved(p_run_id) = 0, null,
           oms.count_unresolved(p_run_id) || ' orders wait for evidence from the broker',
           'run the gateway: it looks them up' from run.runs as r where r.run_id = p_run_id
     union all
    select 5, 'last verdict ' || d.symbol, d.verdict = 'ALLOW', d.decided_at, d.rule,
           'see mqk risk decisions'
      from (select distinct on (d.symbol) d.* from risk.decisions as d
             where d.run_id = p_run_id order by d.symbol, d.decided_at desc) as d
     union all
    select 6, 'leader ' || l.worker_kind, l.is_held, l.taken_at, l.what,
           'start that worker' from run.list_leases(p_run_id, p_now_at) as l
     order by 1, 2;
$function$;

comment on function ops.list_holds(uuid, timestamptz) is
$$Why a run does or does not trade: every step between a bar and an order, open or not, since when,
for what reason, and the command that clears it.$$;
