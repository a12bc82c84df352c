create or replace view inv.one_leader_at_a_time as
select h.run_id, format('%s epoch %s', h.worker_kind, h.lease_epoch) as what
  from run.lease_history as h
  left join run.lease_history as b
    on (b.engine_id, b.account_id, b.worker_kind, b.lease_epoch)
       = (h.engine_id, h.account_id, h.worker_kind, h.lease_epoch - 1)
 where h.lease_epoch < 1
    or h.lease_epoch > 1
       and (b.taken_at <= h.prior_ends_at and h.prior_ends_at <= h.taken_at) is not true
 union all
select null, format('%s lease at epoch %s', l.worker_kind, l.lease_epoch)
  from run.leases as l
 where l.lease_epoch is distinct from (
       select max(h.lease_epoch) from run.lease_history as h
        where (h.engine_id, h.account_id, h.worker_kind)
              = (l.engine_id, l.account_id, l.worker_kind));

comment on view inv.one_leader_at_a_time is
$$I38: Each lease began when the one before had ended, and the one that stands is the last.$$;
