create or replace function io.release_lease(
    p_run_id      uuid,
    p_worker_kind text,
    p_lease_epoch bigint,
    p_now_at      timestamptz
)
returns boolean
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select run.release_lease(p_run_id, p_worker_kind, p_lease_epoch, p_now_at);
$function$;

comment on function io.release_lease(uuid, text, bigint, timestamptz) is
$$Service door to run.release_lease.$$;
