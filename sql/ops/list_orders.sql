create or replace function ops.list_orders(
    p_run_id uuid
)
returns table (
    client_order_id  text,
    symbol           text,
    order_qty        bigint,
    order_type       text,
    order_status     text,
    cum_qty          bigint,
    avg_price_micros bigint,
    outbox_status    text,
    broker_order_id  text,
    submitted_at     timestamptz,
    reject_reason    text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select o.client_order_id, o.symbol, o.order_qty, o.order_type, o.order_status, o.cum_qty,
           (select round(sum(f.notional_micros) / sum(abs(f.fill_qty)))::bigint
              from ledger.standing_fills as f
             where f.run_id = o.run_id and f.client_order_id = o.client_order_id),
           b.outbox_status, m.broker_order_id, b.enqueued_at,
           case when o.order_status in ('REJECTED', 'CANCELED', 'EXPIRED') then h.reason end
      from oms.orders as o
      join oms.outbox as b using (run_id, order_id)
      join oms.order_history as h
        on h.run_id = o.run_id and h.order_id = o.order_id and h.history_seq = o.status_seq
      left join oms.broker_map as m on m.run_id = b.run_id and m.outbox_id = b.outbox_id
     where o.run_id = p_run_id
     order by b.outbox_id;
$function$;

comment on function ops.list_orders(uuid) is
$$Orders of a run in the order in which they were given.$$;
