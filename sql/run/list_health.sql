create or replace function run.list_health(
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
set search_path = pg_catalog, pg_temp
as $function$
    select r.run_id, r.engine_id, k.worker_kind, h.worker_name, h.beat_at, s.silent_ms,
           r.deadman_ttl_ms, coalesce(s.silent_ms < r.deadman_ttl_ms, false)
      from run.runs as r
      cross join unnest(array['gateway', 'broker_events', 'snapshots']) as k (worker_kind)
      left join run.heartbeats as h on h.run_id = r.run_id and h.worker_kind = k.worker_kind
      left join lateral (
           select (extract(epoch from run.clamp_now(r.run_id, p_now_at) - h.beat_at) * 1000)::bigint
                      as silent_ms) as s on true
     where r.run_status = 'RUNNING'
     order by r.engine_id, r.run_id, k.worker_kind;
$function$;

comment on function run.list_health(timestamptz) is
$$The worker kinds that each running run depends on: last sign of life, how long ago, and whether that is
less than the deadman ttl. A kind that never gave one is not alive.$$;
