create or replace view inv.a_sent_order_is_mapped as
select o.run_id, format('outbox %s %s', o.outbox_id, o.outbox_status) as what
  from oms.outbox as o
  left join oms.broker_map as m using (run_id, outbox_id)
 where o.request_kind = 'SUBMIT'
   and o.outbox_status in ('SENT', 'ACKED')
   and m.outbox_id is null;

comment on view inv.a_sent_order_is_mapped is
$$I02b: Every order that was sent can be found at the broker by its broker order id.$$;
