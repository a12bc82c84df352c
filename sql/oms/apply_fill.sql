create or replace function oms.apply_fill(
    p_message oms.inbox,
    p_order   oms.orders,
    p_now_at  timestamptz
)
returns oms.inbox
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_row    oms.inbox := p_message;
    v_late   boolean := p_order.order_status in ('CANCELED', 'EXPIRED', 'REJECTED', 'DONE_FOR_DAY');
    v_wrong  ledger.fills;
    v_taken  text;
begin
    if p_message.previous_id is not null then
        select f.* into v_wrong from ledger.fills as f
         where f.account_id = p_order.account_id and f.execution_id = p_message.previous_id;
    end if;
    v_row.fill_seq := ledger.post_fill(
        p_run_id => p_order.run_id, p_account_id => p_order.account_id,
        p_execution_id => p_message.execution_id, p_client_order_id => p_order.client_order_id,
        p_symbol => p_order.symbol,
        p_fill_qty => sign(p_order.order_qty)::bigint * p_message.event_qty,
        p_price_micros => p_message.price_micros, p_fee_micros => p_message.fee_micros,
        p_is_late => v_late, p_corrects_seq => v_wrong.fill_seq,
        p_executed_at => coalesce(v_wrong.executed_at, p_message.event_at), p_now_at => p_now_at);
    v_row.reason := case when v_late then 'late fill, booked' else 'fill booked' end;
    select i.event_kind into v_taken from oms.inbox as i
     where i.run_id = p_order.run_id and i.previous_id = p_message.execution_id
       and i.disposition <> 'DUPLICATE'
     limit 1;
    if found then
        v_row.reversal_seq := oms.reverse_fill(v_row, p_message.execution_id, p_now_at);
        v_row.reason := format('booked, and taken back by the %s before it', v_taken);
    end if;
    return v_row;
end;
$function$;

comment on function oms.apply_fill(oms.inbox, oms.orders, timestamptz) is
$$Books the execution of a message, signed as its order. One that comes after the end of its order is
booked and flagged; a correction stands at the time of what it corrects; a fill whose bust came first
is booked and taken back.
Why: money that moved is a fact; refusing to book it would hide it.$$;
