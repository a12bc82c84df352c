create or replace function ops.list_orders(
    p_run_id uuid
)
returns table (
    client_order_id    text,
    symbol             text,
    order_qty          bigint,
    order_type         text,
    limit_price_micros bigint,
    stop_price_micros  bigint,
    order_status       text,
    cum_qty            bigint,
    pending_op         text,
    avg_price_micros   bigint,
    outbox_status      text,
    broker_order_id    text,
    submitted_at       timestamptz,
    reject_reason      text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select o.client_order_id, o.symbol, o.order_qty, o.order_type, o.limit_price_micros,
           o.stop_price_micros, o.order_status, o.cum_qty, o.pending_op,
           (select round(sum(f.notional_micros) / sum(abs(f.fill_qty)))::bigint
              from ledger.standing_fills as f
             where f.run_id = o.run_id and f.client_order_id = o.client_order_id),
           b.outbox_status, oms.get_broker_order_id(o.run_id, o.order_id), b.enqueued_at,
           case when o.order_status in ('REJECTED', 'CANCELED', 'EXPIRED') then h.reason end
      from oms.orders as o
      join oms.outbox as b
        on b.run_id = o.run_id and b.order_id = o.order_id and b.request_kind = 'SUBMIT'
      join oms.order_history as h
        on h.run_id = o.run_id and h.order_id = o.order_id and h.history_seq = o.status_seq
     where o.run_id = p_run_id
     order by b.outbox_id;
$function$;

comment on function ops.list_orders(uuid) is
$$Orders of a run in the order in which they were given.$$;
