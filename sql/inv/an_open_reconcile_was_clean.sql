create or replace view inv.an_open_reconcile_was_clean as
select h.run_id, 'gate RECON ' || h.gate_seq as what
  from run.gate_history as h
  left join recon.comparisons as c
    on c.run_id = h.run_id and c.snapshot_seq = (h.evidence ->> 'snapshot_seq')::bigint
 where h.gate = 'RECON'
   and h.is_open
   and (c.verdict = 'CLEAN') is not true;

comment on view inv.an_open_reconcile_was_clean is
$$I56: Whenever gate RECON opened, the comparison that it names was CLEAN.$$;
