create or replace function oms.close_requests(
    p_message oms.inbox,
    p_now_at  timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_order oms.orders;
    v_row   oms.outbox;
    v_ended boolean;
    v_to    text;
begin
    select b.* into v_row from oms.outbox as b
     where b.run_id = p_message.run_id and b.order_id = p_message.order_id
       and b.request_kind <> 'SUBMIT' and b.outbox_status not in ('ACKED', 'FAILED')
       for update;
    if not found then
        return;
    end if;
    select o.* into strict v_order from oms.orders as o
     where o.run_id = p_message.run_id and o.order_id = p_message.order_id;
    v_ended := v_order.order_status in ('FILLED', 'CANCELED', 'EXPIRED', 'REJECTED');
    v_to := case
        when v_row.outbox_status in ('PENDING', 'CLAIMED', 'AMBIGUOUS') and v_ended then 'FAILED'
        when v_row.outbox_status is distinct from 'SENT' then null
        when v_row.request_kind = 'CANCEL' and v_ended then 'ACKED'
        when v_row.request_kind = 'REPLACE' and p_message.event_kind = 'replaced' then 'ACKED'
        when v_ended or p_message.event_kind = case v_row.request_kind
                            when 'CANCEL' then 'order_cancel_rejected'
                            else 'order_replace_rejected' end then 'FAILED' end;
    if v_to is not null then
        perform oms.move_outbox(
            v_row.run_id, v_row.outbox_id, v_to, null,
            'answered by ' || p_message.event_kind, p_now_at);
        perform oms.settle_order(v_order, p_message, 'the request is answered', p_now_at);
        perform oms.tell_refused_cancel(v_row, p_message.event_kind, p_now_at) where v_to = 'FAILED';
    end if;
end;
$function$;

comment on function oms.close_requests(oms.inbox, timestamptz) is
$$Ends the cancel or replace of an order once the broker's events have answered it.
Why: no request stays open for ever; a cancel of an order that has ended is done.$$;
