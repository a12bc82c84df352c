create or replace function ops.list_gate_holds(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    step     integer,
    gate     text,
    is_open  boolean,
    since    timestamptz,
    reason   text,
    measured text,
    evidence text,
    clear    text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select 7, 'gate ' || k.gate, s.gate is null, h.observed_at,
           coalesce(s.reason, h.reason)
           || coalesce('; proof until ' || core.format_iso(case when s.gate is null
                                                                then g.expires_at end), ''),
           ops.measure_gate(p_run_id, k.gate), format('run.gate_history %s %s', k.gate, h.gate_seq),
           case k.gate
               when 'CONTINUITY' then 'mqk worker broker_events: it asks for what is missing'
               when 'DEADMAN' then 'mqk run check-health; a halt must be cleared'
               when 'INTEGRITY' then 'mqk md status; mqk worker marketdata'
               when 'RECON' then format('mqk recon drifts %s; mqk worker snapshots', p_run_id)
               else format('mqk risk show %s; a halt must be cleared', p_run_id) end
      from run.runs as r
      cross join unnest(run.list_gates()) as k (gate)
      left join run.gates as g on g.run_id = r.run_id and g.gate = k.gate
      left join run.gate_history as h
        on h.run_id = g.run_id and h.gate = g.gate and h.gate_seq = g.gate_seq
      left join run.list_shut_gates(p_run_id, run.list_gates(), p_now_at) as s on s.gate = k.gate
     where r.run_id = p_run_id;
$function$;

comment on function ops.list_gate_holds(uuid, timestamptz) is
$$The gates of a run: open or shut, since when, until when, what was measured, by which row.$$;
