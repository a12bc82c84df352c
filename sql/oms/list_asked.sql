create or replace function oms.list_asked(
    p_order   oms.orders,
    p_message oms.inbox,
    out cum_qty         bigint,
    out is_recounted    boolean,
    out is_done_for_day boolean,
    out pending_op      text,
    out local_end       text
)
returns setof record
language sql
stable
begin atomic
    with said as (
        select s.*, coalesce(s.execution_id, s.event_at::text) as occasion
          from oms.list_said(p_order, p_message) as s
    ), counted as (
        select bool_or(s.previous_id is not null) as is_recounted,
               max(s.event_at) filter (where s.event_kind = 'done_for_day')
               > coalesce(max(s.event_at) filter (where s.event_kind = 'new'), '-infinity')
                   as is_done_for_day,
               count(distinct s.occasion) filter (where s.event_kind = 'pending_cancel')
               > count(distinct s.occasion) filter (where s.event_kind = 'order_cancel_rejected')
                   as is_cancel_pending,
               count(distinct s.occasion) filter (where s.event_kind = 'pending_replace')
               > count(distinct s.occasion) filter (
                     where s.event_kind in ('replaced', 'order_replace_rejected'))
                   as is_replace_pending
          from said as s
    ), asked as (
        select bool_or(b.request_kind = 'CANCEL' and b.outbox_status not in ('FAILED', 'ACKED'))
                   as is_cancel_asked,
               bool_or(b.request_kind = 'REPLACE' and b.outbox_status not in ('FAILED', 'ACKED'))
                   as is_replace_asked,
               bool_or(b.request_kind = 'SUBMIT' and b.outbox_status = 'FAILED') as is_failed
          from oms.outbox as b
         where b.run_id = p_order.run_id and b.order_id = p_order.order_id
    )
    select (select coalesce(sum(abs(f.fill_qty)), 0)::bigint
              from ledger.standing_fills as f
             where f.run_id = p_order.run_id and f.client_order_id = p_order.client_order_id),
           coalesce(c.is_recounted, false), coalesce(c.is_done_for_day, false),
           case when c.is_cancel_pending then 'CANCEL_PENDING'
                when a.is_cancel_asked then 'CANCEL_REQUESTED'
                when c.is_replace_pending then 'REPLACE_PENDING'
                when a.is_replace_asked then 'REPLACE_REQUESTED'
                else 'NONE' end,
           case when a.is_failed then p_order.order_status end
      from counted as c cross join asked as a;
end;

comment on function oms.list_asked(oms.orders, oms.inbox) is
$$What is booked of an order, whether a fill of it was ever taken back, whether it is done for the day,
what was asked of it and is not answered, and how it ended if the broker never took it.
Why: each request has one answer, so counting both sides needs no clock.$$;
