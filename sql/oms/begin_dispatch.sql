create or replace function oms.begin_dispatch(
    p_run_id      uuid,
    p_outbox_id   bigint,
    p_worker_name text,
    p_now_at      timestamptz
)
returns table (
    is_granted boolean,
    attempt_no integer,
    reason     text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run  run.runs;
    v_row  oms.outbox;
    v_now  timestamptz;
    v_shut text;
begin
    v_run := run.lock_run(p_run_id, false, p_now_at);
    perform from run.gates as g where g.run_id = p_run_id order by g.gate for share;
    select o.* into v_row from oms.outbox as o
     where o.run_id = p_run_id and o.outbox_id = p_outbox_id for update;
    perform core.assert_that(found, 'MQN06', p_outbox_id::text);
    perform core.assert_that(
        v_row.outbox_status = 'CLAIMED' and v_row.claimed_by = p_worker_name, 'MQS03',
        format('%s by %s', v_row.outbox_status, v_row.claimed_by));
    v_now := run.clamp_now(p_run_id, p_now_at);
    v_shut := oms.find_lane_defect(v_run, v_row, p_now_at);
    if v_shut is not null then
        perform oms.move_outbox(p_run_id, p_outbox_id, 'PENDING', null, left(v_shut, 300), p_now_at);
        return query select false, null::integer, v_shut;
    elsif v_row.lane = 'REDUCING' and not oms.is_reducing(v_row) then
        perform oms.fail_order(v_row, 'CANCELED', 'it would not reduce the position', p_now_at);
        return query select false, null::integer, 'it would not reduce the position';
    elsif v_row.expires_at <= v_now then
        perform oms.fail_order(v_row, 'EXPIRED', 'expired before it was sent', p_now_at);
        return query select false, null::integer, 'expired before it was sent';
    else
        return query
        select true, oms.record_attempt(v_run, v_row, p_worker_name, v_now), null::text;
    end if;
end;
$function$;

comment on function oms.begin_dispatch(uuid, bigint, text, timestamptz) is
$$Reads all gates again under lock and writes the attempt, before the network call.
A shut gate is not an order's failure: the row goes back to PENDING, the refusal is kept and returned.
A cancel passes every gate. An order that flattens a halted run needs proven positions instead, and is
failed when it would not reduce its position any more.
Why: after this commits, the broker may have the order; nothing but evidence moves it on.
Raises: MQN06; MQS03 the row is not claimed by this worker.$$;
