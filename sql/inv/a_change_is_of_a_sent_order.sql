create or replace view inv.a_change_is_of_a_sent_order as
select c.run_id, format('outbox %s %s', c.outbox_id, c.request_kind) as what
  from oms.outbox as c
  join oms.permits as p using (run_id, outbox_id)
 where c.request_kind <> 'SUBMIT'
   and not exists (
        select from oms.outbox as s
          join oms.broker_map as m using (run_id, outbox_id)
         where s.run_id = c.run_id and s.order_id = c.order_id);

comment on view inv.a_change_is_of_a_sent_order is
$$I17: A cancel or a replace that was let out is of an order whose id at the broker we hold.$$;
