create or replace function io.set_continuity(
    p_run_id      uuid,
    p_lease_epoch bigint,
    p_continuity  text,
    p_reason      text,
    p_now_at      timestamptz
)
returns table (
    broker_order_id text,
    gap_qty         bigint
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.broker_order_id, f.gap_qty
      from oms.set_continuity(
           run.assert_lease(p_run_id, 'broker_events', p_lease_epoch, p_now_at),
           p_continuity, p_reason, p_now_at) as f;
$function$;

comment on function io.set_continuity(uuid, bigint, text, text, timestamptz) is
$$Service door to oms.set_continuity for the broker_events that leads.
Raises: MQG08 p_lease_epoch does not lead.$$;
