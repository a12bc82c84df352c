create or replace view inv.a_shut_gate_halts as
select g.run_id, g.gate as what
  from run.gates as g
  join run.runs as r using (run_id)
 where not g.is_open
   and g.gate <> 'CONTINUITY'
   and r.run_status in ('ARMED', 'RUNNING');

comment on view inv.a_shut_gate_halts is
$$I49: No armed or running run has a gate that was shut, but for CONTINUITY, which heals.$$;
