create or replace view inv.an_order_counts_its_fills as
select o.run_id, o.client_order_id as what
  from oms.orders as o
  left join ledger.fills as f
    on f.run_id = o.run_id and f.client_order_id = o.client_order_id
 group by o.run_id, o.order_id, o.client_order_id, o.cum_qty, o.order_qty
having o.cum_qty * sign(o.order_qty) <> coalesce(sum(f.fill_qty), 0);

comment on view inv.an_order_counts_its_fills is
$$I11b: An order's filled total is the sum of its booked fills.$$;
