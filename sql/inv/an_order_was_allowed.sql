create or replace view inv.an_order_was_allowed as
select o.run_id, o.client_order_id as what
  from oms.orders as o
  left join risk.decisions as d
    on d.run_id = o.run_id and d.intent_id = o.intent_id and d.verdict = 'ALLOW'
   and d.symbol = o.symbol and d.order_qty = o.order_qty
 where d.intent_id is null;

comment on view inv.an_order_was_allowed is
$$I19: Every order has an ALLOW verdict for exactly its symbol and quantity.$$;
