create or replace function oms.settle_order(
    p_order   oms.orders,
    p_message oms.inbox,
    p_reason  text,
    p_now_at  timestamptz
)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_state oms.orders := oms.fold_order(p_order, p_message);
    v_moved boolean := (v_state.order_status, v_state.cum_qty, v_state.working_qty, v_state.gap_qty,
                        v_state.pending_op)
                       <> (p_order.order_status, p_order.cum_qty, p_order.working_qty,
                           p_order.gap_qty, p_order.pending_op);
begin
    if v_moved then
        perform oms.move_order(v_state, p_reason, p_now_at);
    end if;
    if v_state.order_status = 'REJECTED' and p_order.order_status <> 'REJECTED' then
        perform risk.record_reject(p_order.run_id, p_order.order_id::text, p_now_at);
    end if;
    if v_state.cum_qty > v_state.working_qty and v_moved then
        perform run.halt_run(
            p_order.run_id, 'DESYNC',
            format('OVERFILL: %s of %s', v_state.cum_qty, v_state.client_order_id),
            to_jsonb(v_state), p_now_at);
    elsif v_state.working_qty > abs(v_state.order_qty) and v_moved then
        perform run.halt_run(
            p_order.run_id, 'DESYNC',
            format('UNASKED_GROWTH: %s works %s', v_state.client_order_id, v_state.working_qty),
            to_jsonb(v_state), p_now_at);
    end if;
    return v_moved;
end;
$function$;

comment on function oms.settle_order(oms.orders, oms.inbox, text, timestamptz) is
$$Moves an order to the state that its messages make; false when it is there already. An order filled
beyond its total, or grown beyond what risk allowed, halts the run.$$;
