create or replace function io.mark_not_sent(
    p_run_id        uuid,
    p_lease_epoch   bigint,
    p_outbox_id     bigint,
    p_attempt_no    integer,
    p_reason        text,
    p_not_before_at timestamptz,
    p_now_at        timestamptz
)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select oms.mark_not_sent(
           run.assert_lease(p_run_id, 'gateway', p_lease_epoch, p_now_at),
           p_outbox_id, p_attempt_no, p_reason, p_not_before_at, p_now_at);
$function$;

comment on function io.mark_not_sent(
    uuid, bigint, bigint, integer, text, timestamptz, timestamptz) is
$$Service door to oms.mark_not_sent for the gateway that leads.
Raises: MQG08 p_lease_epoch does not lead.$$;
