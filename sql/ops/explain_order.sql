create or replace function ops.explain_order(
    p_client_order_id text
)
returns table (
    at     timestamptz,
    step   text,
    detail text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with o as (
        select o.* from oms.orders as o
         where o.client_order_id = p_client_order_id
    ), life (at, place, seq, step, detail) as (
        select i.created_at, 1, 0::bigint, 'intent',
               format('%s on bar %s: target %s, held %s, open %s, so %s %s', i.strategy_id,
                      core.format_iso(i.bar_end_at), i.target_qty, i.position_qty, i.open_qty,
                      i.order_qty, i.symbol)
          from o join oms.intents as i using (run_id, intent_id)
         union all
        select d.decided_at, 2, 0, 'verdict', d.verdict || ' ' || d.rule
          from o join risk.decisions as d using (run_id, intent_id)
         union all
        select h.moved_at, 3, h.history_seq, 'outbox',
               format('%s %s: %s (%s)', b.request_kind, h.to_status, h.reason, h.actor)
          from o join oms.outbox as b using (run_id, order_id)
          join oms.outbox_history as h using (run_id, outbox_id)
         union all
        select m.mapped_at, 4, 0, 'broker', m.broker_order_id
          from o join oms.outbox as b using (run_id, order_id)
          join oms.broker_map as m using (run_id, outbox_id)
         union all
        select n.received_at, 5, n.inbox_id, 'message',
               format('%s %s: %s', n.event_kind, n.disposition, n.reason)
          from o join oms.inbox as n using (run_id, order_id)
         union all
        select f.booked_at, 6, f.fill_seq, lower(f.fill_kind),
               format('%s at %s, fee %s', f.fill_qty, core.format_micros(f.price_micros),
                      core.format_micros(f.fee_micros))
          from o join ledger.fills as f
            on f.run_id = o.run_id and f.client_order_id = o.client_order_id
         union all
        select h.moved_at, 7, h.history_seq, 'order',
               format('%s, filled %s: %s', h.to_status, h.cum_qty, h.reason)
          from o join oms.order_history as h using (run_id, order_id)
    )
    select l.at, l.step, l.detail
      from life as l
     order by l.at, l.place, l.seq;
$function$;

comment on function ops.explain_order(text) is
$$The life of one order, step by step: intent, verdict, outbox, broker, messages, fills.$$;
