create or replace view inv.a_fill_belongs_to_an_attempt as
select f.run_id, f.execution_id as what
  from ledger.fills as f
 where not exists (
        select from oms.orders as o
          join oms.outbox as b using (run_id, order_id)
          join oms.attempts as a using (run_id, outbox_id)
         where o.run_id = f.run_id and o.client_order_id = f.client_order_id
           and a.begun_at <= f.booked_at);

comment on view inv.a_fill_belongs_to_an_attempt is
$$I12: Every fill is of an order that we had dispatched by then.$$;
