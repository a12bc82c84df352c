create or replace function oms.map_successor(
    p_run_id          uuid,
    p_outbox_id       bigint,
    p_broker_order_id text,
    p_now_at          timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    insert into oms.broker_map (
        run_id, outbox_id, account_id, broker_order_id, replaces_id, sent_seq, mapped_at)
    select p_run_id, p_outbox_id, o.account_id, p_broker_order_id,
           oms.get_broker_order_id(o.run_id, o.order_id), b.status_seq, p_now_at
      from oms.outbox as b
      join oms.orders as o using (run_id, order_id)
     where b.run_id = p_run_id and b.outbox_id = p_outbox_id
    on conflict (account_id, broker_order_id) do nothing;
$function$;

comment on function oms.map_successor(uuid, bigint, text, timestamptz) is
$$Maps the order that the broker put in the place of one of ours, as its answer to our replace says; a
broker that keeps the id of the order adds nothing.$$;
