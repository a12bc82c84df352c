create or replace view inv.a_dispatch_saw_the_gates_of_then as
select a.run_id, format('outbox %s attempt %s: %s', a.outbox_id, a.attempt_no, h.gate) as what
  from oms.attempts as a
  join run.gate_history as h using (run_id)
 cross join lateral (
    select case h.gate when 'CONTINUITY' then a.continuity_gate_seq when 'DEADMAN' then a.deadman_gate_seq
                       when 'INTEGRITY' then a.integrity_gate_seq when 'RECON' then a.recon_gate_seq
                       when 'RISK' then a.risk_gate_seq end as gate_seq) as s
 where (h.gate_seq = s.gate_seq and h.observed_at > a.begun_at)
    or (h.gate_seq > s.gate_seq and h.observed_at < a.begun_at);

comment on view inv.a_dispatch_saw_the_gates_of_then is
$$I07c: The gate rows that an attempt rests on were the last ones of their gates at its moment.$$;
