create or replace function oms.apply_fill(
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
    v_cum   bigint;
    v_ended boolean;
begin
    select o.* into strict v_order from oms.orders as o
     where o.run_id = p_message.run_id and o.order_id = p_message.order_id for update;
    v_ended := v_order.order_status in ('CANCELED', 'EXPIRED', 'REJECTED');
    v_cum := v_order.cum_qty + p_message.event_qty;
    v_row.fill_seq := ledger.post_fill(
        p_run_id => v_order.run_id, p_account_id => v_order.account_id,
        p_execution_id => p_message.execution_id, p_client_order_id => v_order.client_order_id,
        p_symbol => v_order.symbol,
        p_fill_qty => sign(v_order.order_qty)::bigint * p_message.event_qty,
        p_price_micros => p_message.price_micros, p_fee_micros => p_message.fee_micros,
        p_is_late => v_ended, p_corrects_seq => null, p_executed_at => p_message.event_at,
        p_now_at => p_now_at);
    perform oms.move_order(
        v_order.run_id, v_order.order_id,
        case when v_ended then v_order.order_status
             when v_cum >= abs(v_order.order_qty) then 'FILLED'
             else 'PARTIALLY_FILLED' end,
        v_cum, 'fill ' || p_message.execution_id, p_now_at);
    v_row.reason := case when v_ended then 'late fill, booked' else 'fill booked' end;
    if v_cum > abs(v_order.order_qty) then
        v_row.reason := 'overfill, booked';
        perform run.halt_run(
            v_order.run_id, format('OVERFILL: %s of %s', v_cum, v_order.client_order_id), p_now_at);
    end if;
    return v_row;
end;
$function$;

comment on function oms.apply_fill(oms.inbox, timestamptz) is
$$Books a fill and moves its order. A fill after the end of an order is booked and flagged; the order
stays ended. More than was ordered is booked too, and halts the run.
Why: money that moved is a fact; refusing to book it would hide it.$$;
