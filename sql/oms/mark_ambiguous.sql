create or replace function oms.mark_ambiguous(
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
    if v_row.outbox_status <> 'DISPATCHING' then
        return;
    elsif v_row.request_kind <> 'SUBMIT' then
        perform oms.move_outbox(
            p_run_id, p_outbox_id, 'PENDING', null, left('asked again: ' || p_reason, 300), p_now_at);
    else
        perform oms.move_outbox(
            p_run_id, p_outbox_id, 'AMBIGUOUS', null, left(p_reason, 300), p_now_at);
        perform run.halt_run(
            p_run_id, 'UNRESOLVED_ORDER', left('AMBIGUOUS_SUBMIT: ' || p_reason, 300),
            jsonb_build_object('outbox_id', p_outbox_id), p_now_at);
    end if;
end;
$function$;

comment on function oms.mark_ambiguous(uuid, bigint, text, timestamptz) is
$$Nobody knows whether the broker has the order: the row waits for evidence and the run is halted. A
change is simply asked again: twice does no harm.
Why: a timeout after the broker accepted is how orders are sent twice.
Raises: MQN06.$$;
