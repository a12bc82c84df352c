create or replace function io.begin_dispatch(
    p_run_id      uuid,
    p_lease_epoch bigint,
    p_outbox_id   bigint,
    p_worker_name text,
    p_now_at      timestamptz
)
returns table (
    is_granted boolean,
    attempt_no integer,
    reason     text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.is_granted, f.attempt_no, f.reason
      from oms.begin_dispatch(
           run.renew_lease(p_run_id, 'gateway', p_lease_epoch, p_now_at),
           p_outbox_id, p_worker_name, p_now_at) as f;
$function$;

comment on function io.begin_dispatch(uuid, bigint, bigint, text, timestamptz) is
$$Service door to oms.begin_dispatch for the gateway that leads, whose lease it renews in time.
Raises: MQG08 p_lease_epoch does not lead.$$;
