create or replace function oms.get_permit(
    p_run_id      uuid,
    p_outbox_id   bigint,
    p_attempt_no  integer,
    p_now_at      timestamptz
)
returns table (
    request_kind       text,
    client_order_id    text,
    broker_order_id    text,
    account_id         text,
    symbol             text,
    order_qty          bigint,
    order_type         text,
    limit_price_micros bigint,
    stop_price_micros  bigint,
    time_in_force      text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_attempt oms.attempts;
    v_why     text;
begin
    perform run.lock_run(p_run_id, false, p_now_at);
    select a.* into v_attempt from oms.attempts as a
     where a.run_id = p_run_id and a.outbox_id = p_outbox_id and a.attempt_no = p_attempt_no;
    perform core.assert_that(found, 'MQN06', format('%s attempt %s', p_outbox_id, p_attempt_no));
    select case
        when v_attempt.begun_xid = pg_current_xact_id() then 'asked in the same transaction'
        when pg_current_wal_flush_lsn() < v_attempt.wal_lsn then 'not durable yet'
        when run.clamp_now(p_run_id, p_now_at) >= v_attempt.permit_expires_at then 'too late'
        when not exists (
            select from run.leases as l
             where (l.engine_id, l.account_id, l.worker_kind, l.lease_epoch)
                   = (r.engine_id, r.account_id, v_attempt.lease_kind, v_attempt.lease_epoch))
        then 'begun under another lease'
        when v_attempt.begun_by <> session_user then 'asked by another login'
        when o.outbox_status <> 'DISPATCHING' then 'the row is ' || o.outbox_status
        when o.lane = 'REDUCING' and not oms.is_reducing(o) then 'it would not reduce the position'
        when o.request_kind = 'SUBMIT' then oms.find_run_defect(r, o.lane) end
      into v_why
      from oms.outbox as o join run.runs as r using (run_id)
     where o.run_id = p_run_id and o.outbox_id = p_outbox_id
       for update of o;
    insert into oms.permits (run_id, outbox_id, attempt_no, permitted_to, permitted_at)
    select p_run_id, p_outbox_id, p_attempt_no, session_user, p_now_at
     where v_why is null
    on conflict (run_id, outbox_id, attempt_no) do nothing;
    perform core.assert_that(found, 'MQG02', coalesce(v_why, 'given before'));
    return query select b.request_kind, oms.derive_request_name(b, o.client_order_id),
           case when b.request_kind <> 'SUBMIT' then oms.get_broker_order_id(o.run_id, o.order_id) end,
           o.account_id, o.symbol, o.order_qty, o.order_type, o.limit_price_micros,
           coalesce(b.stop_price_micros, o.stop_price_micros), o.time_in_force
      from oms.outbox as b
      join oms.orders as o using (run_id, order_id)
     where b.run_id = p_run_id and b.outbox_id = p_outbox_id;
end;
$function$;

comment on function oms.get_permit(uuid, bigint, integer, timestamptz) is
$$Tells the worker what to send (a change: of which order at the broker), once, in a transaction after
the one that began the attempt.
Why: nobody learns what to send before the intent to send it is on disk and all gates were open.
Raises: MQN06; MQG02 same transaction, not durable, too late, another lease,
other login, given before, not running, not reducing any more.$$;
