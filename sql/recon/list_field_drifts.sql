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
    with pairs as materialized (
        select c.* from recon.compare_orders(p_document, p_books) as c
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
still move to, or another symbol, quantity, filled part, type, limit, stop, time in force or status.
Why: a fill says more than a status.$$;
