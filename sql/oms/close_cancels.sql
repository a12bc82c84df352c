create or replace function oms.close_cancels(
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
begin
    select o.* into strict v_order from oms.orders as o
     where o.run_id = p_message.run_id and o.order_id = p_message.order_id;
    v_ended := v_order.order_status in ('FILLED', 'CANCELED', 'EXPIRED', 'REJECTED');
    select b.* into v_row from oms.outbox as b
     where b.run_id = v_order.run_id and b.order_id = v_order.order_id and b.request_kind = 'CANCEL'
       and b.outbox_status in ('PENDING', 'CLAIMED', 'DISPATCHING', 'AMBIGUOUS', 'SENT')
       for update;
    if not found then
        return;
    elsif v_row.outbox_status = 'SENT' and (v_ended or p_message.event_kind = 'order_cancel_rejected') then
        perform oms.move_outbox(
            v_row.run_id, v_row.outbox_id, case when v_ended then 'ACKED' else 'FAILED' end, null,
            'answered by ' || p_message.event_kind, p_now_at);
    elsif v_row.outbox_status in ('PENDING', 'CLAIMED', 'AMBIGUOUS') and v_ended then
        perform oms.move_outbox(
            v_row.run_id, v_row.outbox_id, 'FAILED', null, 'nothing left to cancel', p_now_at);
    else
        return;
    end if;
    perform oms.settle_order(v_order, p_message, 'the cancel is answered', p_now_at);
end;
$function$;

comment on function oms.close_cancels(oms.inbox, timestamptz) is
$$Ends the cancel request of an order once the broker's events have answered it.
Why: no request stays open for ever; a cancel of an order that has ended is done.$$;
