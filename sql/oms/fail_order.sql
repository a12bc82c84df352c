create or replace function oms.fail_order(
    p_row          oms.outbox,
    p_order_status text,
    p_reason       text,
    p_now_at       timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_state oms.orders;
begin
    perform oms.move_outbox(p_row.run_id, p_row.outbox_id, 'FAILED', null, p_reason, p_now_at);
    select o.* into strict v_state from oms.orders as o
     where o.run_id = p_row.run_id and o.order_id = p_row.order_id for update;
    if p_row.request_kind = 'SUBMIT' then
        perform oms.move_outbox(b.run_id, b.outbox_id, 'FAILED', null, 'its order ended', p_now_at)
           from oms.outbox as b
          where b.run_id = p_row.run_id and b.order_id = p_row.order_id
            and b.request_kind <> 'SUBMIT' and b.outbox_status = 'PENDING';
        v_state.order_status := p_order_status;
        v_state.pending_op := 'NONE';
        perform oms.move_order(v_state, p_reason, p_now_at);
    else
        perform oms.settle_order(v_state, null, p_reason, p_now_at);
    end if;
end;
$function$;

comment on function oms.fail_order(oms.outbox, text, text, timestamptz) is
$$Ends a request that the broker did not take: outbox FAILED. A submit's order ends with it, REJECTED
or EXPIRED, and a change of it that still waits; a cancel's order is no longer waiting for it.$$;
