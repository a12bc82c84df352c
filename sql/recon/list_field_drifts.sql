create or replace function recon.list_field_drifts(
    p_document jsonb,
    p_books    jsonb
)
returns table (
    drift_kind text,
    drift_key  text,
    ours       text,
    theirs     text,
    is_young   boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with pairs as (
        select o.client_order_id, o.is_young, o.filled_qty as our_filled,
               t.filled_qty as their_filled, o.order_status as our_status,
               t.order_status as their_status, f.*,
               t.filled_qty = o.filled_qty and t.order_status <> o.order_status as status_differs,
               exists (select from oms.order_moves as m
                        where m.from_status = o.order_status and m.to_status = t.order_status
                          and m.from_status not in ('FILLED', 'CANCELED', 'EXPIRED', 'REJECTED')
                          and m.to_status not in ('PARTIALLY_FILLED', 'FILLED')) as is_forward
          from recon.parse_orders(p_document) as t
          join jsonb_to_recordset(p_books -> 'orders') as o (
               client_order_id text, symbol text, order_qty bigint, filled_qty bigint,
               order_type text, limit_price_micros bigint, order_status text,
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
                            then o.limit_price_micros else t.limit_price_micros end::text)
                      ) as v (name, ours, theirs)
                where v.ours is distinct from v.theirs) as f
         where t.defect is null and o.outbox_status not in ('PENDING', 'CLAIMED')
    )
    select 'UNKNOWN_FILL', p.client_order_id, p.our_filled::text, p.their_filled::text, p.is_young
      from pairs as p
     where p.their_filled > p.our_filled
     union all
    select 'ORDER_STATUS', p.client_order_id, p.our_status, p.their_status, p.is_young
      from pairs as p
     where p.status_differs and p.is_forward and p.our_fields is null
     union all
    select 'ORDER_FIELD', p.client_order_id, concat_ws(', ', p.our_fields, s.ours),
           concat_ws(', ', p.their_fields, s.theirs), p.is_young
      from pairs as p
     cross join lateral (
           select case when p.status_differs then 'status ' || p.our_status end as ours,
                  case when p.status_differs then 'status ' || p.their_status end as theirs) as s
     where p.our_fields is not null or (p.status_differs and not p.is_forward);
$function$;

comment on function recon.list_field_drifts(jsonb, jsonb) is
$$Orders of ours that the broker shows otherwise: more filled than we booked, a status that ours can
still move to, or another symbol, quantity, filled part, type, limit or status.
Why: type and limit are compared when the broker tells them; a fill says more than a status.$$;
