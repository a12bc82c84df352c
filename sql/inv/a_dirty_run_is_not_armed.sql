create or replace view inv.a_dirty_run_is_not_armed as
select r.run_id, r.run_status as what
  from run.runs as r
  join recon.comparisons as c using (run_id)
 where r.run_status in ('ARMED', 'RUNNING')
   and c.verdict = 'DIRTY'
   and c.snapshot_seq = (select max(l.snapshot_seq) from recon.comparisons as l
                          where l.run_id = r.run_id);

comment on view inv.a_dirty_run_is_not_armed is
$$I57: A run whose last comparison was DIRTY is neither armed nor running.$$;
