create or replace function io.claim_outbox(
    p_run_id      uuid,
    p_lease_epoch bigint,
    p_worker_name text,
    p_limit       integer,
    p_now_at      timestamptz
)
returns table (
    outbox_id bigint
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.outbox_id
      from oms.claim_outbox(
           run.assert_lease(p_run_id, 'gateway', p_lease_epoch, p_now_at),
           p_worker_name, p_limit, p_now_at) as f
     order by f.outbox_id;
$function$;

comment on function io.claim_outbox(uuid, bigint, text, integer, timestamptz) is
$$Service door to oms.claim_outbox for the gateway that leads, in outbox_id order.
Raises: MQG08 p_lease_epoch does not lead.$$;
