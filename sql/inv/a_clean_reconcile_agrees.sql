create or replace view inv.a_clean_reconcile_agrees as
select c.run_id, format('snapshot %s: %s %s', c.snapshot_seq, d.drift_kind, d.drift_key) as what
  from recon.comparisons as c
  join recon.snapshots as s using (run_id, snapshot_seq)
  join recon.tolerances as l using (run_id)
 cross join lateral recon.list_money_drifts(s.document, c.books, l) as d
 where c.verdict = 'CLEAN';

comment on view inv.a_clean_reconcile_agrees is
$$I41: In a CLEAN comparison cash and every position of broker and books agree within the tolerance.$$;
