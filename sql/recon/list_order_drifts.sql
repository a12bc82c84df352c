create or replace function recon.list_order_drifts(
    p_run_id   uuid,
    p_document jsonb
)
returns table (
    drift_kind text,
    drift_key  text,
    ours       text,
    theirs     text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with theirs as (
        select o.value ->> 'client_order_id' as name, o.value ->> 'symbol' as symbol,
               case o.value ->> 'side' when 'buy' then 1 when 'sell' then -1 end
               * core.parse_shares(o.value ->> 'qty') as qty,
               core.parse_shares(o.value ->> 'filled_qty') as filled,
               case upper(o.value ->> 'status') when 'NEW' then 'ACCEPTED'
                    else upper(o.value ->> 'status') end as status
          from jsonb_array_elements(p_document -> 'orders') as o
    ), ours as (
        select o.client_order_id as name, o.symbol, o.order_qty as qty, o.cum_qty as filled,
               o.order_status as status, b.outbox_status
          from oms.orders as o
          join oms.outbox as b
            on b.run_id = o.run_id and b.order_id = o.order_id and b.request_kind = 'SUBMIT'
         where o.run_id = p_run_id
    )
    select case when o.name is null then 'UNKNOWN_ORDER'
                when t.name is null then 'MISSING_ORDER'
                else 'ORDER_FIELD' end,
           coalesce(t.name, o.name, '(no name)'),
           coalesce(format('%s %s filled %s %s', o.symbol, o.qty, o.filled, o.status), 'none'),
           coalesce(format('%s %s filled %s %s', t.symbol, t.qty, t.filled, t.status), 'none')
      from theirs as t
      full join ours as o on o.name = t.name
     where (o.name is null and not exists (
                select from oms.orders as other
                  join run.runs as r on r.run_id = other.run_id
                 where other.client_order_id = t.name
                   and r.account_id = p_document ->> 'account_id'))
        or (t.name is null and o.outbox_status in ('SENT', 'ACKED')
            and o.status in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED'))
        or (o.name is not null and t.name is not null
            and (o.symbol, o.qty, o.filled, o.status)
                is distinct from (t.symbol, t.qty, t.filled, t.status));
$function$;

comment on function recon.list_order_drifts(uuid, jsonb) is
$$Orders on which a broker snapshot and our books differ: one that we do not know, one of ours that is
missing there, or one whose symbol, quantity, filled quantity or status differs.
Why: an earlier run of the same account is known too; nobody else's order is.$$;
