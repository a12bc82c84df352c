create or replace function oms.apply_event(
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
    v_moved boolean;
begin
    select o.* into strict v_order from oms.orders as o
     where o.run_id = p_message.run_id and o.order_id = p_message.order_id for update;
    if p_message.event_kind in ('trade_bust', 'trade_correct') then
        v_row.reversal_seq := oms.reverse_fill(v_row, v_row.previous_id, p_now_at);
    end if;
    if oms.is_fill(v_row) then
        v_row := oms.apply_fill(v_row, v_order, p_now_at);
    end if;
    v_moved := oms.settle_order(v_order, v_row, v_row.reason, p_now_at);
    if not oms.is_known_event(v_row.event_kind) then
        v_row.disposition := 'NOTED';
        v_row.reason := 'an event that we do not know';
    elsif not v_moved and num_nonnulls(v_row.fill_seq, v_row.reversal_seq) = 0 then
        v_row.disposition := 'STALE';
        v_row.reason := format('%s after %s', v_row.event_kind, v_order.order_status);
    end if;
    perform oms.close_requests(v_row, p_now_at);
    perform oms.check_position(v_row, p_now_at);
    return v_row;
end;
$function$;

comment on function oms.apply_event(oms.inbox, timestamptz) is
$$Applies a message that is believed: books what it brings, takes back what it takes back, settles the
order, ends the cancel that it answers, and compares the broker's position with ours.$$;
