create or replace function io.list_unresolved(
    p_run_id      uuid,
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
      from oms.list_unresolved(p_run_id, p_worker_name, p_now_at) as f
     order by f.outbox_id;
$function$;

comment on function io.list_unresolved(uuid, text, timestamptz) is
$$Service door to oms.list_unresolved, in outbox_id order.$$;
