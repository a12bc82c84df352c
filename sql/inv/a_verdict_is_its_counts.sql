create or replace view inv.a_verdict_is_its_counts as
select c.run_id, 'snapshot ' || c.snapshot_seq as what
  from recon.comparisons as c
  left join recon.drifts as d on d.run_id = c.run_id and d.snapshot_seq = c.snapshot_seq
 group by c.run_id, c.snapshot_seq, c.order_drifts, c.position_drifts, c.cash_drifts,
          c.unsettled_drifts, c.verdict
having count(d.drift_kind) <> c.order_drifts + c.position_drifts + c.cash_drifts + c.unsettled_drifts
    or (c.verdict = 'CLEAN') <> (count(d.drift_kind) = 0);

comment on view inv.a_verdict_is_its_counts is
$$A reconcile is CLEAN exactly when it found no difference.$$;
