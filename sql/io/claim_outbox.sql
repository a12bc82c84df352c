create or replace function io.claim_outbox(
    p_run_id      uuid,
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
      from oms.claim_outbox(p_run_id, p_worker_name, p_limit, p_now_at) as f
     order by f.outbox_id;
$function$;

comment on function io.claim_outbox(uuid, text, integer, timestamptz) is
$$Service door to oms.claim_outbox, in outbox_id order.$$;
