create or replace view inv.a_reconcile_can_be_recomputed as
select c.run_id, format('snapshot %s: %s', c.snapshot_seq, f.problem) as what
  from recon.comparisons as c
 cross join lateral recon.find_difference(c) as f (problem)
 where f.problem is not null;

comment on view inv.a_reconcile_can_be_recomputed is
$$I24: Every comparison follows from the snapshot and the books that it kept, and those books are the
ledger's and the orders' of then.$$;
