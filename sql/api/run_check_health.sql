create or replace function api.run_check_health(
    p_now_at timestamptz
)
returns table (
    run_id      uuid,
    engine_id   text,
    worker_kind text,
    worker_name text,
    beat_at     timestamptz,
    silent_ms   bigint,
    ttl_ms      integer,
    is_alive    boolean
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.run_id, f.engine_id, f.worker_kind, f.worker_name, f.beat_at, f.silent_ms, f.ttl_ms,
           f.is_alive
      from run.list_health(p_now_at) as f;
$function$;

comment on function api.run_check_health(timestamptz) is
$$The signs of life of every running run's workers.$$;
