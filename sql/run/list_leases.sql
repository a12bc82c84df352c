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
    select l.worker_kind, l.expires_at > run.clamp_now(p_run_id, p_now_at), h.taken_at,
           format('%s as %s, epoch %s, until %s', h.worker_name, h.actor, l.lease_epoch,
                  core.format_iso(l.expires_at))
      from run.runs as r
      join run.leases as l using (engine_id, account_id)
      join run.lease_history as h using (engine_id, account_id, worker_kind, lease_epoch)
     where r.run_id = p_run_id
     order by l.worker_kind;
$function$;

comment on function run.list_leases(uuid, timestamptz) is
$$Who leads each worker kind of a run's engine and account, since when, until when.$$;
