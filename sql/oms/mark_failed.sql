create or replace function oms.mark_failed(
    p_run_id    uuid,
    p_outbox_id bigint,
    p_reason    text,
    p_now_at    timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_row oms.outbox;
begin
    perform run.lock_run(p_run_id, true, p_now_at);
    select o.* into v_row from oms.outbox as o
     where o.run_id = p_run_id and o.outbox_id = p_outbox_id for update;
    perform core.assert_that(found, 'MQN06', p_outbox_id::text);
    perform core.assert_that(v_row.outbox_status = 'DISPATCHING', 'MQS03', v_row.outbox_status);
    perform oms.fail_order(
        v_row, 'REJECTED', left('broker refused: ' || p_reason, 300), p_now_at);
    if v_row.request_kind = 'SUBMIT' then
        perform risk.record_reject(p_run_id, v_row.order_id::text, p_now_at);
        perform risk.evaluate(p_run_id, p_now_at);
    else
        perform oms.tell_refused_cancel(v_row, p_reason, p_now_at);
    end if;
end;
$function$;

comment on function oms.mark_failed(uuid, bigint, text, timestamptz) is
$$The broker refused the request in a definite answer. A refused order counts towards the reject storm;
a refused cancel ends nothing: the order has ended, or it goes on, as its events say.
Raises: MQN06; MQS03 the row is not being dispatched.$$;
