create or replace function io.get_permit(
    p_run_id      uuid,
    p_lease_epoch bigint,
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
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.request_kind, f.client_order_id, f.broker_order_id, f.account_id, f.symbol,
           f.order_qty, f.order_type, f.limit_price_micros, f.stop_price_micros,
           f.time_in_force
      from oms.get_permit(
           run.assert_lease(p_run_id, 'gateway', p_lease_epoch, p_now_at),
           p_outbox_id, p_attempt_no, p_now_at) as f;
$function$;

comment on function io.get_permit(uuid, bigint, bigint, integer, timestamptz) is
$$Service door to oms.get_permit for the gateway that leads.
Raises: MQG08 p_lease_epoch does not lead.$$;
