create or replace function oms.record_absence(
    p_run_id        uuid,
    p_outbox_id     bigint,
    p_attempt_no    integer,
    p_broker_orders jsonb,
    p_now_at        timestamptz
)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_name   text;
    v_misses record;
begin
    perform run.lock_run(p_run_id, false, p_now_at);
    select r.client_order_id into v_name
      from oms.outbox as o join oms.orders as r using (run_id, order_id)
     where o.run_id = p_run_id and o.outbox_id = p_outbox_id and o.outbox_status = 'AMBIGUOUS'
       for update of o;
    perform core.assert_that(found, 'MQS03', 'the row is not AMBIGUOUS');
    perform core.assert_that(
        jsonb_typeof(p_broker_orders) = 'array' and not p_broker_orders ? v_name, 'MQS03',
        'the broker holds the order');
    insert into oms.absence_misses (
        run_id, outbox_id, attempt_no, miss_no, looked_up_by, looked_up_at)
    select p_run_id, p_outbox_id, p_attempt_no, count(*) + 1, session_user, p_now_at
      from oms.absence_misses as m
     where m.run_id = p_run_id and m.outbox_id = p_outbox_id and m.attempt_no = p_attempt_no
    having coalesce(max(m.looked_up_at) + oms.compute_pause(count(*)) <= p_now_at, true);
    select count(*)::integer as misses, min(m.looked_up_at) as first_at,
           max(m.looked_up_at) as last_at
      into v_misses
      from oms.absence_misses as m
     where m.run_id = p_run_id and m.outbox_id = p_outbox_id and m.attempt_no = p_attempt_no;
    if v_misses.misses >= 3 and v_misses.last_at >= v_misses.first_at + interval '10 s' then
        insert into oms.absence_proofs (
            run_id, outbox_id, attempt_no, proof_kind, misses, first_miss_at, last_miss_at, evidence,
            proven_by, proven_at)
        values (p_run_id, p_outbox_id, p_attempt_no, 'LOOKED_UP', v_misses.misses, v_misses.first_at,
                v_misses.last_at, p_broker_orders, session_user, p_now_at);
        perform oms.release_order(
            p_run_id, p_outbox_id, 'proven absent at the broker', p_now_at);
    end if;
    return v_misses.misses;
end;
$function$;

comment on function oms.record_absence(uuid, bigint, integer, jsonb, timestamptz) is
$$Counts a look-up that did not find the order, unless it came too soon; p_broker_orders is the broker's
whole list of client_order_ids. Three misses over 10 s or more are a proof: the row is PENDING again.
Why: a second attempt needs evidence, and carries the same client_order_id.
Raises: MQS03 the row is not ambiguous, or the list holds the order.$$;
