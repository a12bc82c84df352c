create or replace function io.acquire_lease(
    p_run_id       uuid,
    p_worker_kind  text,
    p_worker_name  text,
    p_worker_token text,
    p_now_at       timestamptz
)
returns table (
    is_leader   boolean,
    lease_epoch bigint,
    holder      text,
    expires_at  timestamptz
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.is_leader, f.lease_epoch, f.holder, f.expires_at
      from run.acquire_lease(
           p_run_id, p_worker_kind, p_worker_name, p_worker_token, p_now_at) as f;
$function$;

comment on function io.acquire_lease(uuid, text, text, text, timestamptz) is
$$Service door to run.acquire_lease.$$;
