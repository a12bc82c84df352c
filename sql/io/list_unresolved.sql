create or replace function io.list_unresolved(
    p_run_id      uuid,
    p_lease_epoch bigint,
    p_worker_name text,
    p_now_at      timestamptz
)
returns table (
    outbox_id       bigint,
    attempt_no      integer,
    client_order_id text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.outbox_id, f.attempt_no, f.client_order_id
      from oms.list_unresolved(
           run.assert_lease(p_run_id, 'gateway', p_lease_epoch, p_now_at),
           p_worker_name, p_now_at) as f
     order by f.outbox_id;
$function$;

comment on function io.list_unresolved(uuid, bigint, text, timestamptz) is
$$Service door to oms.list_unresolved for the gateway that leads, in outbox_id order.
Raises: MQG08 p_lease_epoch does not lead.$$;
