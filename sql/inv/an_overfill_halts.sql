create or replace view inv.an_overfill_halts as
select o.run_id, o.client_order_id as what
  from oms.orders as o
 where greatest(o.cum_qty, o.working_qty) > abs(o.order_qty)
   and not exists (select from run.run_history as h
                    where h.run_id = o.run_id and h.to_status = 'HALTED');

comment on view inv.an_overfill_halts is
$$I11: A run whose order was filled, or grew, beyond what risk allowed has been halted.$$;
