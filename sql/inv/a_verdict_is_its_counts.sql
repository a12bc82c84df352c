create or replace view inv.a_verdict_is_its_counts as
select c.run_id, 'snapshot ' || c.snapshot_seq as what
  from recon.comparisons as c
 cross join lateral (
       select array_agg(d) as drifts,
              count(*) filter (where k.severity <> 'INFO') as that_matter
         from recon.drifts as d
         join recon.drift_kinds as k using (drift_kind)
        where d.run_id = c.run_id and d.snapshot_seq = c.snapshot_seq) as d
 cross join lateral recon.count_drifts(d.drifts) as n
 where (c.order_drifts, c.position_drifts, c.cash_drifts, c.other_drifts, c.warning_drifts,
        c.unsettled_drifts, c.info_drifts)
       <> (n.order_drifts, n.position_drifts, n.cash_drifts, n.other_drifts, n.warning_drifts,
           n.unsettled_drifts, n.info_drifts)
    or (c.verdict = 'CLEAN') <> (d.that_matter = 0);

comment on view inv.a_verdict_is_its_counts is
$$I24: A reconcile is CLEAN exactly when it found no difference that matters.$$;
