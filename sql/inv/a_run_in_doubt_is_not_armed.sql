create or replace view inv.a_run_in_doubt_is_not_armed as
select o.run_id, 'outbox ' || o.outbox_id as what
  from oms.outbox as o
  join run.runs as r using (run_id)
 where o.outbox_status = 'AMBIGUOUS'
   and r.run_status in ('ARMED', 'RUNNING');

comment on view inv.a_run_in_doubt_is_not_armed is
$$While it is unknown whether the broker has an order, the run is not armed.$$;
