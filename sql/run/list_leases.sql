create or replace function run.list_leases(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    worker_kind text,
    is_held     boolean,
    taken_at    timestamptz,
    what        text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select k.worker_kind, coalesce(l.expires_at > run.clamp_now(p_run_id, p_now_at), false),
           h.taken_at,
           case when h.lease_epoch is null then 'nobody yet'
                else format('%s as %s, epoch %s, until %s', h.worker_name, h.actor, l.lease_epoch,
                            core.format_iso(l.expires_at)) end
      from unnest(array['gateway', 'broker_events', 'snapshots', 'strategist']) as k (worker_kind)
      join run.runs as r on r.run_id = p_run_id
      left join run.leases as l
        on (l.engine_id, l.account_id, l.worker_kind) = (r.engine_id, r.account_id, k.worker_kind)
      left join run.lease_history as h
        on (h.engine_id, h.account_id, h.worker_kind, h.lease_epoch)
           = (l.engine_id, l.account_id, l.worker_kind, l.lease_epoch)
     order by k.worker_kind;
$function$;

comment on function run.list_leases(uuid, timestamptz) is
$$Who leads each worker kind of a run's engine and account, since when, until when; or nobody yet.$$;
