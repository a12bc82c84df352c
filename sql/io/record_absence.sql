create or replace function io.record_absence(
    p_run_id        uuid,
    p_lease_epoch   bigint,
    p_outbox_id     bigint,
    p_attempt_no    integer,
    p_broker_orders jsonb,
    p_now_at        timestamptz
)
returns integer
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select oms.record_absence(
           run.assert_lease(p_run_id, 'gateway', p_lease_epoch, p_now_at),
           p_outbox_id, p_attempt_no, p_broker_orders, p_now_at);
$function$;

comment on function io.record_absence(uuid, bigint, bigint, integer, jsonb, timestamptz) is
$$Service door to oms.record_absence for the gateway that leads.
Raises: MQG08 p_lease_epoch does not lead.$$;
