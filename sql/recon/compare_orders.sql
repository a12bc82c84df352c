create or replace function recon.compare_orders(
    p_document jsonb,
    p_books    jsonb
)
returns table (
    client_order_id text,
    is_young        boolean,
    our_filled      bigint,
    their_filled    bigint,
    our_status      text,
    their_status    text,
    our_fields      text,
    their_fields    text,
    status_differs  boolean,
    is_forward      boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select o.client_order_id, o.is_young, o.filled_qty, t.filled_qty, o.order_status, t.order_status,
           f.our_fields, f.their_fields,
           t.filled_qty = o.filled_qty and t.order_status <> o.order_status
           and not (t.order_status = 'FILLED' and o.order_status = 'CANCELED'
                    and t.filled_qty < abs(t.order_qty)),
           exists (select from oms.order_moves as m
                    where m.from_status = o.order_status and m.to_status = t.order_status
                      and m.from_status not in ('FILLED', 'CANCELED', 'EXPIRED', 'REJECTED')
                      and m.to_status not in ('PARTIALLY_FILLED', 'FILLED'))
      from recon.parse_orders(p_document) as t
      join jsonb_to_recordset(p_books -> 'orders') as o (
           client_order_id text, symbol text, order_qty bigint, filled_qty bigint,
           order_type text, limit_price_micros bigint, stop_price_micros bigint,
           asked_stop_micros bigint, time_in_force text, order_status text,
           outbox_status text, is_young boolean) on o.client_order_id = t.client_order_id
      cross join lateral (
           select string_agg(v.name || ' ' || coalesce(v.ours, 'none'), ', ') as our_fields,
                  string_agg(v.name || ' ' || coalesce(v.theirs, 'none'), ', ') as their_fields
             from (values
                  ('symbol', o.symbol, t.symbol),
                  ('qty', o.order_qty::text, t.order_qty::text),
                  ('filled', greatest(o.filled_qty, t.filled_qty)::text, t.filled_qty::text),
                  ('type', o.order_type, coalesce(t.order_type, o.order_type)),
                  ('limit', o.limit_price_micros::text,
                   case when t.order_type is null and t.limit_price_micros is null
                        then o.limit_price_micros else t.limit_price_micros end::text),
                  ('stop', o.stop_price_micros::text, case
                       when t.order_type is null and t.stop_price_micros is null
                         or t.stop_price_micros = o.asked_stop_micros
                       then o.stop_price_micros else t.stop_price_micros end::text),
                  ('tif', o.time_in_force, coalesce(t.time_in_force, o.time_in_force))
                  ) as v (name, ours, theirs)
            where v.ours is distinct from v.theirs) as f
     where t.defect is null and o.outbox_status not in ('PENDING', 'CLAIMED');
$function$;

comment on function recon.compare_orders(jsonb, jsonb) is
$$Each order of ours that the broker shows beside what it shows: filled part, status, and the fields that
differ (symbol, quantity, filled part, type, limit, stop, time in force) in words of both sides. While a
replace is on its way the broker may show either stop. is_forward: our status can move to theirs.
A broker that leaves an order filled although a fill of it was taken back means what we call canceled.
Why: type, prices and time in force are compared when the broker tells them.$$;
