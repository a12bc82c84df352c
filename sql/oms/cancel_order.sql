create or replace function oms.cancel_order(
    p_order  oms.orders,
    p_reason text,
    p_now_at timestamptz
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_submit oms.outbox;
    v_id     bigint;
begin
    select b.* into strict v_submit from oms.outbox as b
     where b.run_id = p_order.run_id and b.order_id = p_order.order_id and b.request_kind = 'SUBMIT'
       for update;
    if p_order.order_status not in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED', 'DONE_FOR_DAY') then
        return 'ENDED';
    elsif v_submit.outbox_status in ('PENDING', 'CLAIMED') then
        perform oms.fail_order(v_submit, 'CANCELED', p_reason, p_now_at);
        return 'NEVER_SENT';
    end if;
    perform oms.move_outbox(b.run_id, b.outbox_id, 'FAILED', null, 'a cancel goes before it', p_now_at)
       from oms.outbox as b
      where b.run_id = p_order.run_id and b.order_id = p_order.order_id
        and b.request_kind = 'REPLACE' and b.outbox_status in ('PENDING', 'CLAIMED');
    if exists (
        select from oms.outbox as b
         where b.run_id = p_order.run_id and b.order_id = p_order.order_id
           and b.request_kind <> 'SUBMIT' and b.outbox_status not in ('ACKED', 'FAILED'))
    then
        return 'UNDER_WAY';
    end if;
    v_id := oms.enqueue_request(
        p_order.run_id, p_order.order_id, 'CANCEL', null, p_reason, p_now_at + interval '1 day',
        p_now_at);
    perform audit.append_event(
        p_order.run_id, 'OMS', 'CANCEL_ENQUEUED',
        jsonb_build_object('outbox_id', v_id, 'client_order_id', p_order.client_order_id,
                           'reason', p_reason), p_now_at);
    perform oms.settle_order(p_order, null, left('cancel requested: ' || p_reason, 300), p_now_at);
    return 'REQUESTED';
end;
$function$;

comment on function oms.cancel_order(oms.orders, text, timestamptz) is
$$Asks for the end of one of our orders: NEVER_SENT (it ends here), REQUESTED (a cancel goes out),
UNDER_WAY or ENDED (nothing to do). Done is only what the broker's events say.
Why: only an order of ours can be named, and only by our own row for it.$$;
