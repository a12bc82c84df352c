create or replace view inv.a_run_in_doubt_is_not_armed as
select o.run_id, 'outbox ' || o.outbox_id as what
  from oms.outbox as o
  join run.runs as r using (run_id)
 where o.outbox_status = 'AMBIGUOUS'
   and r.run_status in ('ARMED', 'RUNNING')
 union all
select m.run_id, 'message ' || m.inbox_id
  from oms.inbox as m
  join run.runs as r using (run_id)
 where m.disposition = 'QUARANTINED'
   and r.run_status in ('ARMED', 'RUNNING')
   and m.received_at > coalesce((
       select max(h.moved_at) from run.run_history as h
        where h.run_id = m.run_id and h.from_status = 'HALTED'), '-infinity');

comment on view inv.a_run_in_doubt_is_not_armed is
$$I40: While it is unknown whether the broker has an order, or a message is in quarantine that nobody looked
at, the run is not armed.$$;
