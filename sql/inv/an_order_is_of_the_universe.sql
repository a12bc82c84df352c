create or replace view inv.an_order_is_of_the_universe as
select o.run_id, format('%s %s', o.symbol, o.client_order_id) as what
  from oms.orders as o
 where not exists (
        select from run.universe as u where u.run_id = o.run_id and u.symbol = o.symbol);

comment on view inv.an_order_is_of_the_universe is
$$I18: Every order is of a symbol of the universe that its run was created with.$$;
