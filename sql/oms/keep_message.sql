create or replace function oms.keep_message(
    p_message oms.inbox,
    p_now_at  timestamptz
)
returns oms.inbox
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_row oms.inbox;
begin
    insert into oms.inbox (
        run_id, account_id, broker_message_id, event_kind, broker_order_id, client_order_id,
        order_id, execution_id, event_qty, price_micros, fee_micros, cum_qty, position_qty,
        total_qty, previous_id, replaces_id, replaced_by_id, event_at, raw, received_at, disposition,
        reason, fill_seq, reversal_seq, recount_no)
    values (p_message.run_id, p_message.account_id, p_message.broker_message_id,
            p_message.event_kind, p_message.broker_order_id, p_message.client_order_id,
            p_message.order_id, p_message.execution_id, p_message.event_qty, p_message.price_micros,
            p_message.fee_micros, p_message.cum_qty, p_message.position_qty, p_message.total_qty,
            p_message.previous_id, p_message.replaces_id, p_message.replaced_by_id,
            p_message.event_at, p_message.raw, p_message.received_at, p_message.disposition,
            left(p_message.reason, 300), p_message.fill_seq, p_message.reversal_seq,
            p_message.recount_no)
    returning * into v_row;
    perform audit.append_event(
        v_row.run_id, 'BROKER', 'MESSAGE_' || v_row.disposition,
        jsonb_build_object(
            'inbox_id', v_row.inbox_id, 'broker_message_id', v_row.broker_message_id,
            'event', v_row.event_kind, 'fill_seq', v_row.fill_seq, 'reason', v_row.reason,
            'raw_sha256', v_row.raw_sha256), p_now_at);
    return v_row;
end;
$function$;

comment on function oms.keep_message(oms.inbox, timestamptz) is
$$Stores a message with what became of it.
Raises: 23505 an execution or cumulative quantity booked before (the second wall behind find_twin).$$;
