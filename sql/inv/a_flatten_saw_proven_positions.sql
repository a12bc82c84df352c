create or replace view inv.a_flatten_saw_proven_positions as
select a.run_id, format('outbox %s attempt %s', a.outbox_id, a.attempt_no) as what
  from oms.attempts as a
 where a.lane = 'REDUCING'
   and (a.begun_at < a.gates_expire_at
        and 2 = (select count(*) from run.gate_history as g
                  where g.run_id = a.run_id and g.is_open
                    and (g.gate, g.gate_seq) in (('CONTINUITY', a.continuity_gate_seq),
                                                 ('RECON', a.recon_gate_seq)))
        and exists (
            select from run.run_history as h
              join risk.flattens as f on f.run_id = h.run_id and f.halted_seq = h.history_seq
              left join run.run_history as n on n.run_id = h.run_id and n.from_seq = h.history_seq
             where h.run_id = a.run_id and h.history_seq = a.flatten_seq and h.to_status = 'HALTED'
               and a.begun_at >= f.asked_at
               and (n.moved_at is null or a.begun_at <= n.moved_at))
       ) is not true;

comment on view inv.a_flatten_saw_proven_positions is
$$I61: Every order of the reducing lane was begun under a flatten of a run that was halted then, with the
broker's events complete and the last reconcile clean and fresh.$$;
