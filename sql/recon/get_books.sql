create or replace function recon.get_books(
    p_run         run.runs,
    p_document    jsonb,
    p_captured_at timestamptz
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select jsonb_build_object(
        'account_id', p_run.account_id,
        'entry_seq', b.entry_seq,
        'cash_micros', b.cash_micros,
        'cash_is_young', e.booked_at > p_captured_at,
        'positions', (
            select coalesce(jsonb_agg(jsonb_build_object(
                       'symbol', p.symbol, 'position_qty', p.position_qty,
                       'is_young', p.changed_at > p_captured_at) order by p.symbol), '[]')
              from ledger.positions as p where p.run_id = p_run.run_id),
        'orders', (
            select coalesce(jsonb_agg(jsonb_build_object(
                       'order_id', o.order_id, 'client_order_id', o.client_order_id,
                       'symbol', o.symbol,
                       'order_qty', sign(o.order_qty)::bigint * o.working_qty,
                       'filled_qty', o.cum_qty,
                       'order_type', o.order_type, 'limit_price_micros', o.limit_price_micros,
                       'order_status', case when o.order_status <> 'DONE_FOR_DAY' then o.order_status
                                            when o.cum_qty > 0 then 'PARTIALLY_FILLED'
                                            else 'ACCEPTED' end,
                       'status_seq', o.status_seq,
                       'outbox_status', x.outbox_status,
                       'is_young', greatest(h.moved_at, y.moved_at) > p_captured_at)
                       order by o.client_order_id), '[]')
              from oms.orders as o
              join oms.order_history as h
                on (h.run_id, h.order_id, h.history_seq) = (o.run_id, o.order_id, o.status_seq)
              join oms.outbox as x
                on (x.run_id, x.order_id, x.request_kind) = (o.run_id, o.order_id, 'SUBMIT')
              join oms.outbox_history as y
                on (y.run_id, y.outbox_id, y.history_seq) = (x.run_id, x.outbox_id, x.status_seq)
             where o.run_id = p_run.run_id
               and (o.order_status not in ('FILLED', 'CANCELED', 'EXPIRED', 'REJECTED')
                    or o.client_order_id in (
                        select t.value ->> 'client_order_id'
                          from jsonb_array_elements(p_document -> 'orders') as t))),
        'strangers', recon.get_strangers(p_run, p_document))
      from ledger.portfolios as b
      join ledger.entries as e using (run_id, entry_seq)
     where b.run_id = p_run.run_id;
$function$;

comment on function recon.get_books(run.runs, jsonb, timestamptz) is
$$Our side of a comparison: cash, positions, and the orders that work or that the snapshot names.
is_young: it changed after the snapshot was captured.
Why: kept with the verdict, so that anybody can compute the verdict again.$$;
