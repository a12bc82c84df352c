create or replace function oms.move_order(
    p_state  oms.orders,
    p_reason text,
    p_now_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_order oms.orders;
begin
    update oms.orders as o
       set order_status = p_state.order_status, cum_qty = p_state.cum_qty,
           working_qty = p_state.working_qty, gap_qty = p_state.gap_qty,
           pending_op = p_state.pending_op, status_seq = o.status_seq + 1
     where o.run_id = p_state.run_id and o.order_id = p_state.order_id
    returning o.* into strict v_order;
    insert into oms.order_history (
        run_id, order_id, history_seq, from_status, to_status, cum_qty, working_qty, gap_qty,
        pending_op, reason, moved_at)
    select v_order.run_id, v_order.order_id, v_order.status_seq, h.to_status, v_order.order_status,
           v_order.cum_qty, v_order.working_qty, v_order.gap_qty, v_order.pending_op,
           left(p_reason, 300), greatest(h.moved_at, p_now_at)
      from oms.order_history as h
     where h.run_id = v_order.run_id and h.order_id = v_order.order_id
       and h.history_seq = v_order.status_seq - 1;
    perform audit.append_event(
        v_order.run_id, 'OMS', 'ORDER_' || v_order.order_status,
        jsonb_build_object(
            'client_order_id', v_order.client_order_id, 'cum_qty', v_order.cum_qty,
            'working_qty', v_order.working_qty, 'gap_qty', v_order.gap_qty,
            'pending_op', v_order.pending_op, 'reason', left(p_reason, 300)), p_now_at);
end;
$function$;

comment on function oms.move_order(oms.orders, text, timestamptz) is
$$Moves an order to the status, quantities and pending request of p_state, with history and diary.
Why: the one writer of an order's state; a move that is not legal fails on its foreign key.
Raises: 23503 not a legal move; 23514 status and quantities disagree.$$;
