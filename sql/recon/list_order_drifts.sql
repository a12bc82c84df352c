create or replace function recon.list_order_drifts(
    p_document       jsonb,
    p_books          jsonb,
    p_foreign_orders text
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
    with ours as (
        select x.client_order_id, x.time_in_force, x.order_status, x.outbox_status, x.is_young
          from jsonb_to_recordset(p_books -> 'orders') as x (
               client_order_id text, time_in_force text, order_status text, outbox_status text,
               is_young boolean)
    ), theirs as materialized (
        select t.* from recon.parse_orders(p_document) as t where t.client_order_id is not null
    ), strangers as (
        select t.client_order_id, t.defect, coalesce(s.value, 'NEVER_SENT') as owner,
               format('%s %s filled %s %s', t.symbol, t.order_qty, t.filled_qty, t.order_status)
               as told
          from theirs as t
          left join ours as o on o.client_order_id = t.client_order_id
          left join jsonb_each_text(p_books -> 'strangers') as s on s.key = t.client_order_id
         where o.client_order_id is null or o.outbox_status in ('PENDING', 'CLAIMED')
    )
    select case when t.owner = 'OTHER_ENGINE' then 'OTHER_ENGINE_ORDER'
                when t.owner = 'FOREIGN' and p_foreign_orders = 'IGNORE' then 'FOREIGN_ORDER'
                else 'UNKNOWN_ORDER' end,
           t.client_order_id, t.owner, t.told, false
      from strangers as t
     where t.owner <> 'EARLIER_RUN' and t.defect is null
     union all
    select case o.time_in_force when 'GTC' then 'MISSING_STOP' else 'MISSING_ORDER' end,
           o.client_order_id, o.order_status, 'none', o.is_young
      from ours as o
     where o.outbox_status in ('SENT', 'ACKED')
       and o.order_status not in ('FILLED', 'CANCELED', 'EXPIRED', 'REJECTED')
       and not exists (select from theirs as t where t.client_order_id = o.client_order_id);
$function$;

comment on function recon.list_order_drifts(jsonb, jsonb, text) is
$$Orders that only one side has: one at the broker that we never sent (`ours` says whose it is), or a
working one of ours that the broker does not show (MISSING_STOP when it protects a position).
Why: what is not there proves nothing about its end; it is never closed in silence.$$;
