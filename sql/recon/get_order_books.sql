create or replace function recon.get_order_books(
    p_run_id      uuid,
    p_document    jsonb,
    p_captured_at timestamptz
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with compared as materialized (
        select w.order_id from oms.orders as w
         where w.run_id = p_run_id
           and w.order_status not in ('FILLED', 'CANCELED', 'EXPIRED', 'REJECTED')
         union
        select n.order_id
          from jsonb_array_elements(p_document -> 'orders') as t
         cross join lateral (
            select o.run_id, o.order_id from oms.orders as o
             where o.client_order_id = t.value ->> 'client_order_id' limit 1) as n
         where n.run_id = p_run_id
    )
    select coalesce(jsonb_agg(jsonb_build_object(
               'order_id', o.order_id, 'client_order_id', o.client_order_id,
               'symbol', o.symbol,
               'order_qty', sign(o.order_qty)::bigint * o.working_qty,
               'filled_qty', o.cum_qty,
               'order_type', o.order_type, 'limit_price_micros', o.limit_price_micros,
               'stop_price_micros', r.stop_price_micros, 'asked_stop_micros', r.asked_stop_micros,
               'time_in_force', o.time_in_force,
               'order_status', case when o.order_status <> 'DONE_FOR_DAY' then o.order_status
                                    when o.cum_qty > 0 then 'PARTIALLY_FILLED'
                                    else 'ACCEPTED' end,
               'status_seq', o.status_seq,
               'outbox_status', x.outbox_status,
               'is_young', greatest(h.moved_at, y.moved_at) > p_captured_at)
               order by o.client_order_id collate "C"), '[]')
      from compared as c
     cross join lateral (
        select o.* from oms.orders as o
         where (o.run_id, o.order_id) = (p_run_id, c.order_id) limit 1) as o
     cross join lateral recon.get_stop_prices(o) as r
     cross join lateral (
        select h.moved_at from oms.order_history as h
         where (h.run_id, h.order_id, h.history_seq) = (o.run_id, o.order_id, o.status_seq)
         limit 1) as h
     cross join lateral (
        select x.* from oms.outbox as x
         where (x.run_id, x.order_id, x.request_kind) = (o.run_id, o.order_id, 'SUBMIT')
         limit 1) as x
     cross join lateral (
        select y.moved_at from oms.outbox_history as y
         where (y.run_id, y.outbox_id, y.history_seq) = (x.run_id, x.outbox_id, x.status_seq)
         limit 1) as y;
$function$;

comment on function recon.get_order_books(uuid, jsonb, timestamptz) is
$$Our orders as a comparison sees them: those that have not ended, and those that the snapshot names.
Why: each is looked up by its whole key (a limit keeps the planner from joining otherwise), so that a
snapshot never reads the history of a run.$$;
