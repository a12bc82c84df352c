create or replace view inv.an_order_name_is_its_intents as
select o.run_id, o.client_order_id as what
  from oms.orders as o
  join run.runs as r using (run_id)
  left join oms.intents as i using (run_id, intent_id)
 where (o.client_order_id = oms.derive_client_order_id(r.engine_id, o.intent_id)
        and o.client_order_id ~ '^[A-Z][A-Z0-9]{1,7}_[0-9a-f]{32}$'
        and (o.account_id, o.symbol, o.order_qty) = (r.account_id, i.symbol, i.order_qty)) is not true;

comment on view inv.an_order_name_is_its_intents is
$$I01b I16: The name of an order is its engine's and its intent's, and it orders what the intent says, for
the run's account.$$;
