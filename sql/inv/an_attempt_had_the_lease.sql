create or replace view inv.an_attempt_had_the_lease as
select a.run_id, format('outbox %s attempt %s', a.outbox_id, a.attempt_no) as what
  from oms.attempts as a
  left join run.lease_history as h
    on (h.run_id, h.worker_kind, h.lease_epoch) = (a.run_id, 'gateway', a.lease_epoch)
  left join run.lease_history as n
    on (n.engine_id, n.account_id, n.worker_kind, n.lease_epoch)
       = (h.engine_id, h.account_id, h.worker_kind, h.lease_epoch + 1)
 where (h.taken_at <= a.begun_at and h.actor = a.begun_by) is not true
    or a.begun_at >= a.lease_expires_at
    or a.begun_at > n.taken_at;

comment on view inv.an_attempt_had_the_lease is
$$I38: Every attempt was begun by the gateway that led then: after its epoch began, before it ended.$$;
