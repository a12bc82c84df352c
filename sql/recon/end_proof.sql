create or replace function recon.end_proof(
    p_run_id       uuid,
    p_snapshot_seq bigint,
    p_now_at       timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select run.set_gate(p_run_id, 'RECON', true, h.reason, h.evidence, p_now_at, p_now_at)
      from run.gates as g
      join run.gate_history as h using (run_id, gate, gate_seq)
     where g.run_id = p_run_id and g.gate = 'RECON' and g.is_open
       and exists (select from recon.drifts as d
                     join recon.drift_kinds as k using (drift_kind)
                    where d.run_id = p_run_id and d.snapshot_seq = p_snapshot_seq
                      and k.severity = 'CRITICAL');
$function$;

comment on function recon.end_proof(uuid, bigint, timestamptz) is
$$Lets the proof of an open gate RECON expire now when a snapshot shows a critical difference, even one that
may be in flight; the next snapshot that agrees brings it back.
Why: a halted run closes only positions that the last snapshot does not contradict. Somebody else may
have closed them, and what is sold twice is a short.$$;
