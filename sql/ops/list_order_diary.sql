create or replace function ops.list_order_diary(
    p_run_id   uuid,
    p_order_id uuid
)
returns table (
    at       timestamptz,
    place    integer,
    seq      bigint,
    step     text,
    detail   text,
    evidence text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with b as (
        select o.order_id, o.intent_id, o.client_order_id, b.outbox_id
          from oms.orders as o
          join oms.outbox as b using (run_id, order_id)
         where o.run_id = p_run_id and o.order_id = p_order_id
    )
    select e.occurred_at, 11, e.event_seq, 'diary',
           format('%s %s, hash %s', e.topic, e.event_name, left(e.event_hash, 16)),
           'audit.events ' || e.event_seq
      from audit.events as e
     where e.chain_id = p_run_id
       and exists (
           select from b
            where e.payload ->> 'client_order_id' = b.client_order_id
               or e.payload ->> 'intent_id' = b.intent_id::text
               or e.payload ->> 'order_id' = b.order_id::text
               or e.payload ->> 'outbox_id' = b.outbox_id::text);
$function$;

comment on function ops.list_order_diary(uuid, uuid) is
$$The entries of the diary that name an order, its intent or its requests, with their hashes.$$;
