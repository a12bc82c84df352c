create or replace function oms.list_versions(
    p_order   oms.orders,
    p_message oms.inbox
)
returns table (
    broker_order_id text,
    total_qty       bigint,
    booked_qty      bigint,
    gap_qty         bigint,
    end_status      text,
    is_live         boolean
)
language sql
stable
begin atomic
    with said as (
        select s.* from oms.list_said(p_order, p_message) as s
    ), versions as (
        select s.broker_order_id,
               (array_agg(s.total_qty order by s.event_at desc nulls last,
                          s.broker_message_id collate "C" desc)
                filter (where s.total_qty is not null))[1] as total_qty,
               coalesce(sum(s.event_qty) filter (where s.fill_seq is not null), 0)::bigint
                   as booked_qty,
               coalesce(max(s.cum_qty), 0) as seen_qty,
               max(s.replaces_id) as replaces_id,
               max(s.replaced_by_id) as replaced_by_id,
               case when bool_or(s.event_kind = 'rejected') then 'REJECTED'
                    when bool_or(s.event_kind = 'expired') then 'EXPIRED'
                    when bool_or(s.event_kind = 'canceled') then 'CANCELED' end as end_status
          from said as s
         group by s.broker_order_id
    ), valid as (
        select v.* from versions as v
         where v.replaces_id is null or v.end_status is distinct from 'REJECTED'
    )
    select v.broker_order_id, coalesce(v.total_qty, abs(p_order.order_qty)), v.booked_qty,
           greatest(v.seen_qty - v.booked_qty, 0), v.end_status,
           not exists (select from valid as n
                        where n.replaces_id = v.broker_order_id
                           or n.broker_order_id = v.replaced_by_id)
      from valid as v;
end;

comment on function oms.list_versions(oms.orders, oms.inbox) is
$$The orders at the broker that one order of ours has been, quantities unsigned: total, shares booked,
shares the broker counts and we have not seen, how it ended. Live: not replaced by another one.
Why: a replace ends one broker order and begins the next, which counts its fills from zero. A successor
that was rejected never was one.$$;
