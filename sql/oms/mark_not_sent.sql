create or replace function oms.mark_not_sent(
    p_run_id     uuid,
    p_outbox_id  bigint,
    p_attempt_no integer,
    p_reason     text,
    p_not_before_at timestamptz,
    p_now_at     timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_row oms.outbox;
begin
    perform run.lock_run(p_run_id, false, p_now_at);
    select o.* into v_row from oms.outbox as o
     where o.run_id = p_run_id and o.outbox_id = p_outbox_id for update;
    perform core.assert_that(found, 'MQN06', p_outbox_id::text);
    perform core.assert_that(v_row.outbox_status = 'DISPATCHING', 'MQS03', v_row.outbox_status);
    perform core.assert_that(
        p_not_before_at is null or p_not_before_at <= p_now_at + interval '1 hour', 'MQA02',
        'held at most an hour');
    if v_row.request_kind = 'SUBMIT' then
        insert into oms.absence_proofs (
            run_id, outbox_id, attempt_no, proof_kind, misses, first_miss_at, last_miss_at, evidence,
            proven_by, proven_at)
        values (p_run_id, p_outbox_id, p_attempt_no, 'NOT_TAKEN', 0, p_now_at, p_now_at,
                to_jsonb(left(p_reason, 300)), session_user, p_now_at);
    end if;
    update oms.outbox as o set not_before_at = p_not_before_at
     where o.run_id = p_run_id and o.outbox_id = p_outbox_id;
    perform oms.release_order(
        p_run_id, p_outbox_id, left('not taken: ' || p_reason, 300), p_now_at);
    perform audit.append_event(
        p_run_id, 'OMS', 'REQUEST_HELD',
        jsonb_build_object('outbox_id', p_outbox_id,
                           'not_before_at', core.format_iso(p_not_before_at)), p_now_at);
end;
$function$;

comment on function oms.mark_not_sent(uuid, bigint, integer, text, timestamptz, timestamptz) is
$$The broker certainly did not take the request (no connection, too many requests): the row is PENDING
again, held until p_not_before_at if the broker named a time. The reason is the proof that a second attempt
needs; it goes out under the same name.
Raises: MQN06; MQS03 the row is not being dispatched; MQA02 held for more than an hour.$$;
