create or replace function oms.move_order(
    p_run_id    uuid,
    p_order_id  uuid,
    p_to_status text,
    p_cum_qty   bigint,
    p_reason    text,
    p_now_at    timestamptz
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
       set order_status = p_to_status, cum_qty = p_cum_qty, status_seq = o.status_seq + 1
     where o.run_id = p_run_id and o.order_id = p_order_id
    returning o.* into strict v_order;
    insert into oms.order_history (
        run_id, order_id, history_seq, from_status, to_status, cum_qty, reason, moved_at)
    select p_run_id, p_order_id, v_order.status_seq, h.to_status, p_to_status, p_cum_qty, p_reason,
           greatest(h.moved_at, p_now_at)
      from oms.order_history as h
     where h.run_id = p_run_id and h.order_id = p_order_id
       and h.history_seq = v_order.status_seq - 1;
    perform audit.append_event(
        p_run_id, 'OMS', 'ORDER_' || p_to_status,
        jsonb_build_object('client_order_id', v_order.client_order_id, 'cum_qty', p_cum_qty,
                           'reason', p_reason), p_now_at);
end;
$function$;

comment on function oms.move_order(uuid, uuid, text, bigint, text, timestamptz) is
$$Moves an order's status and filled total, with history and diary.
Why: the one writer of order_status; a move that is not legal fails on its foreign key.
Raises: 23503 not a legal move; 23514 status and quantity disagree.$$;
