create or replace function oms.list_said(
    p_order   oms.orders,
    p_message oms.inbox
)
returns setof oms.inbox
language sql
stable
begin atomic
    select i.*
      from oms.inbox as i
     where i.run_id = p_order.run_id and i.order_id = p_order.order_id
       and i.disposition in ('APPLIED', 'STALE', 'NOTED')
     union all
    select p_message.* where p_message.broker_message_id is not null;
end;

comment on function oms.list_said(oms.orders, oms.inbox) is
$$All that the broker has said of an order and that we believe, the message at hand included.$$;
