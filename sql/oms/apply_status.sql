create or replace function oms.apply_status(
    p_message oms.inbox,
    p_now_at  timestamptz
)
returns oms.inbox
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_row   oms.inbox := p_message;
    v_order oms.orders;
    v_to    text;
begin
    select o.* into strict v_order from oms.orders as o
     where o.run_id = p_message.run_id and o.order_id = p_message.order_id for update;
    v_to := case p_message.event_kind when 'new' then 'ACCEPTED' else upper(p_message.event_kind) end;
    if v_order.order_status = v_to or not exists (
        select from oms.order_moves as m
         where m.from_status = v_order.order_status and m.to_status = v_to)
    then
        v_row.disposition := 'STALE';
        v_row.reason := format('%s after %s', v_to, v_order.order_status);
        return v_row;
    end if;
    v_row.reason := coalesce(p_message.raw ->> 'reason', p_message.event_kind);
    perform oms.move_order(
        v_order.run_id, v_order.order_id, v_to, v_order.cum_qty, left(v_row.reason, 300), p_now_at);
    if v_to = 'REJECTED' then
        perform risk.record_reject(v_order.run_id, v_order.order_id::text, p_now_at);
    end if;
    return v_row;
end;
$function$;

comment on function oms.apply_status(oms.inbox, timestamptz) is
$$Moves an order as a broker event without money says; an event that comes too late is STALE.
Why: an ack after a fill, or a second cancel, is no error; the order's state does not go back.$$;
