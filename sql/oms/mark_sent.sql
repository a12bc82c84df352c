create or replace function oms.mark_sent(
    p_run_id          uuid,
    p_outbox_id       bigint,
    p_broker_order_id text,
    p_now_at          timestamptz
)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_status text;
    v_kind   text;
begin
    perform run.lock_run(p_run_id, false, p_now_at);
    select o.outbox_status, o.request_kind into v_status, v_kind from oms.outbox as o
     where o.run_id = p_run_id and o.outbox_id = p_outbox_id for update;
    perform core.assert_that(found, 'MQN06', p_outbox_id::text);
    if v_kind <> 'SUBMIT' then
        if v_status = 'DISPATCHING' then
            perform oms.move_outbox(
                p_run_id, p_outbox_id, 'SENT', null, 'the broker took the request', p_now_at);
            perform oms.map_successor(p_run_id, p_outbox_id, p_broker_order_id, p_now_at)
              where v_kind = 'REPLACE';
        end if;
        return v_status = 'DISPATCHING';
    elsif v_status in ('SENT', 'ACKED') then
        perform core.assert_that(
            exists (select from oms.broker_map as m
                     where m.run_id = p_run_id and m.outbox_id = p_outbox_id
                       and m.broker_order_id = p_broker_order_id),
            'MQS03', v_status || ' under another broker id');
        return false;
    end if;
    perform core.assert_that(v_status in ('DISPATCHING', 'AMBIGUOUS'), 'MQS03', v_status);
    perform oms.confirm_sent(p_run_id, p_outbox_id, p_broker_order_id, 'broker has it', p_now_at);
    return true;
end;
$function$;

comment on function oms.mark_sent(uuid, bigint, text, timestamptz) is
$$The broker has the order: its answer to the submit, or a look-up by client_order_id, says so. Or it
has taken the request to cancel or replace one, which is not yet done.
False when that was known already (an event may have come first).
Raises: MQN06; MQS03 the row was not dispatched, or is known under another id.$$;
