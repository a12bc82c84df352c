create or replace function oms.get_broker_order_id(
    p_run_id   uuid,
    p_order_id uuid
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select m.broker_order_id
      from oms.outbox as b
      join oms.broker_map as m using (run_id, outbox_id)
     where b.run_id = p_run_id and b.order_id = p_order_id
       and not exists (select from oms.broker_map as n
                        where n.account_id = m.account_id and n.replaces_id = m.broker_order_id);
$function$;

comment on function oms.get_broker_order_id(uuid, uuid) is
$$The broker's name for an order of ours as it works now, or null.$$;
