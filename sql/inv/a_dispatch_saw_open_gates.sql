create or replace view inv.a_dispatch_saw_open_gates as
select a.run_id, format('outbox %s attempt %s', a.outbox_id, a.attempt_no) as what
  from oms.attempts as a
 where a.request_kind = 'SUBMIT'
   and a.lane = 'GATED'
   and (a.begun_at >= a.gates_expire_at
        or 5 <> (select count(*) from run.gate_history as h
                  where h.run_id = a.run_id and h.is_open
                    and (h.gate, h.gate_seq) in (
                        ('CONTINUITY', a.continuity_gate_seq), ('DEADMAN', a.deadman_gate_seq),
                        ('INTEGRITY', a.integrity_gate_seq), ('RECON', a.recon_gate_seq),
                        ('RISK', a.risk_gate_seq))));

comment on view inv.a_dispatch_saw_open_gates is
$$I07: Every submit saw all gates open and fresh, but for those that flatten a halted run.$$;
