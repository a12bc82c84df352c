create or replace function run.set_gate(
    p_run_id     uuid,
    p_gate       text,
    p_is_open    boolean,
    p_reason     text,
    p_evidence   jsonb,
    p_expires_at timestamptz,
    p_now_at     timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_now_at timestamptz := run.clamp_now(p_run_id, p_now_at);
    v_seq    bigint;
    v_same   boolean;
begin
    select g.gate_seq, g.is_open = p_is_open and h.reason = p_reason into v_seq, v_same
      from run.gates as g
      join run.gate_history as h using (run_id, gate, gate_seq)
     where g.run_id = p_run_id and g.gate = p_gate;

    if v_same is not true then
        v_seq := coalesce(v_seq, 0) + 1;
        insert into run.gate_history (
            run_id, gate, gate_seq, is_open, reason, evidence, actor, observed_at)
        values (p_run_id, p_gate, v_seq, p_is_open, p_reason, p_evidence, audit.get_actor(), v_now_at);
        perform audit.append_event(
            p_run_id, 'RUNTIME', case when p_is_open then 'GATE_OPENED' else 'GATE_SHUT' end,
            jsonb_build_object('gate', p_gate, 'reason', p_reason, 'evidence', p_evidence), p_now_at);
    end if;
    insert into run.gates (
        run_id, gate, gate_seq, is_open, observed_at, expires_at, boot_at)
    values (p_run_id, p_gate, v_seq, p_is_open, v_now_at, greatest(p_expires_at, v_now_at),
            core.get_boot_at())
    on conflict (run_id, gate) do update
       set gate_seq = excluded.gate_seq, is_open = excluded.is_open,
           observed_at = excluded.observed_at, expires_at = excluded.expires_at,
           boot_at = excluded.boot_at;
    if not p_is_open and p_gate <> 'CONTINUITY' then
        perform run.halt_run(
            p_run_id, run.get_trip_kind(p_gate, p_reason), left(p_gate || ': ' || p_reason, 500),
            p_evidence, p_now_at)
           from run.runs as r
          where r.run_id = p_run_id
            and (r.run_status in ('ARMED', 'RUNNING')
                 or r.run_status = 'HALTED' and v_same is not true);
    end if;
end;
$function$;

comment on function run.set_gate(uuid, text, boolean, text, jsonb, timestamptz, timestamptz) is
$$Records a verdict on one of the gates; shutting one halts an armed or running run, but for CONTINUITY,
which heals when the worker has caught up.
The caller holds the run's exclusive lock (run.lock_run).
A halted run keeps the reasons that come after its halt, too.
Why: a brake that was pulled stays pulled: the run is HALTED until a person clears it.$$;
