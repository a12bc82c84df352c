create or replace function io.mark_ambiguous(
    p_run_id      uuid,
    p_lease_epoch bigint,
    p_outbox_id   bigint,
    p_reason      text,
    p_now_at      timestamptz
)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select oms.mark_ambiguous(
           run.assert_lease(p_run_id, 'gateway', p_lease_epoch, p_now_at),
           p_outbox_id, p_reason, p_now_at);
$function$;

comment on function io.mark_ambiguous(uuid, bigint, bigint, text, timestamptz) is
$$Service door to oms.mark_ambiguous for the gateway that leads.
Raises: MQG08 p_lease_epoch does not lead.$$;
