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
    v_row   oms.outbox;
    v_order oms.orders;
begin
    select b.* into strict v_row from oms.outbox as b
     where b.run_id = p_run_id and b.order_id = p_order_id for update;
    select o.* into strict v_order from oms.orders as o
     where o.run_id = p_run_id and o.order_id = p_order_id for update;
    if v_row.outbox_status not in ('SENT', 'ACKED')
        or v_order.order_status = p_to_status
        or p_to_status not in ('ACCEPTED', 'CANCELED', 'EXPIRED', 'REJECTED')
        or not exists (
            select from oms.order_moves as m
             where m.from_status = v_order.order_status and m.to_status = p_to_status)
    then
        return null;
    end if;
    if v_row.outbox_status = 'SENT' then
        perform oms.move_outbox(p_run_id, v_row.outbox_id, 'ACKED', null, p_reason, p_now_at);
    end if;
    perform oms.move_order(
        p_run_id, p_order_id, p_to_status, v_order.cum_qty, p_reason, p_now_at);
    if p_to_status = 'REJECTED' then
        perform risk.record_reject(p_run_id, p_order_id::text, p_now_at);
    end if;
    return v_order.status_seq + 1;
end;
$function$;

comment on function oms.follow_status(uuid, uuid, text, text, timestamptz) is
$$Moves an order that the broker has to a status without a fill; gives its history_seq, or null when the
order does not move there from where it stands.
Why: the filled quantity stays as it is: only an execution may change that.$$;
