create or replace function oms.follow_status(
    p_run_id    uuid,
    p_order_id  uuid,
    p_to_status text,
    p_reason    text,
    p_now_at    timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_order oms.orders;
    v_row   oms.inbox;
    v_name  text := oms.get_broker_order_id(p_run_id, p_order_id);
    v_event text := case p_to_status when 'ACCEPTED' then 'new'
                                     when 'CANCELED' then 'canceled'
                                     when 'EXPIRED' then 'expired'
                                     when 'REJECTED' then 'rejected' end;
begin
    select o.* into strict v_order from oms.orders as o
     where o.run_id = p_run_id and o.order_id = p_order_id for update;
    v_row := oms.parse_message(p_run_id, v_order.account_id, jsonb_build_object(
        'message_id',
        format('snapshot:%s:%s:%s', v_order.client_order_id, v_order.status_seq, v_event),
        'event', v_event, 'client_order_id', v_order.client_order_id, 'broker_order_id', v_name,
        'at', core.format_iso(p_now_at), 'reason', p_reason), p_now_at);
    if num_nulls(v_name, v_event) > 0
       or not exists (
        select from oms.outbox as b
         where b.run_id = p_run_id and b.order_id = p_order_id and b.request_kind = 'SUBMIT'
           and b.outbox_status in ('SENT', 'ACKED'))
       or exists (
        select from oms.inbox as i
         where i.account_id = v_row.account_id and i.broker_message_id = v_row.broker_message_id)
       or not oms.settle_order(v_order, v_row, p_reason, p_now_at)
    then
        return null;
    end if;
    perform oms.acknowledge(v_row, p_now_at);
    perform oms.close_requests(v_row, p_now_at);
    perform oms.keep_message(v_row, p_now_at);
    return v_order.status_seq + 1;
end;
$function$;

comment on function oms.follow_status(uuid, uuid, text, text, timestamptz) is
$$Takes what a snapshot says of an order that the broker has as a message of the broker, without a fill;
gives the order's new history_seq, or null when it does not move.
Why: an order's state is what the broker said of it, by whatever way; what is filled, only an execution
may change.$$;
