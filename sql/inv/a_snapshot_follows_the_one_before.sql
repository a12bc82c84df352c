create or replace view inv.a_snapshot_follows_the_one_before as
select s.run_id, 'snapshot ' || s.snapshot_seq as what
  from recon.snapshots as s
  left join recon.snapshots as b
    on b.run_id = s.run_id and b.snapshot_seq = s.snapshot_seq - 1
 where s.snapshot_seq > 1
   and (b.captured_at < s.captured_at) is not true;

comment on view inv.a_snapshot_follows_the_one_before is
$$I24: A run's snapshots are numbered without a hole, each captured after the one before.$$;
