create or replace function oms.enqueue_request(
    p_run_id       uuid,
    p_order_id     uuid,
    p_request_kind text,
    p_stop_micros  bigint,
    p_reason       text,
    p_expires_at   timestamptz,
    p_now_at       timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_outbox_id bigint;
begin
    insert into oms.outbox (
        run_id, order_id, request_kind, lane, outbox_status, status_seq, stop_price_micros, expires_at,
        enqueued_at)
    select r.run_id, p_order_id, p_request_kind,
           case when r.run_status = 'HALTED' and p_request_kind = 'SUBMIT' then 'REDUCING' else 'GATED' end,
           'PENDING', 1, p_stop_micros, p_expires_at, p_now_at
      from run.runs as r
     where r.run_id = p_run_id
    returning outbox_id into v_outbox_id;
    insert into oms.outbox_history (
        run_id, outbox_id, history_seq, from_status, to_status, actor, reason, moved_at)
    values (p_run_id, v_outbox_id, 1, 'NONE', 'PENDING', audit.get_actor(), left(p_reason, 300), p_now_at);
    return v_outbox_id;
end;
$function$;

comment on function oms.enqueue_request(uuid, uuid, text, bigint, text, timestamptz, timestamptz) is
$$Puts a request of an order (SUBMIT, CANCEL, REPLACE with its stop price in micros) into the outbox;
gives its outbox_id.
Why: what is planned while a run is halted can leave by the reducing lane only, even later.
Raises: 23505 the order was submitted before, or a change of it is under way.$$;
