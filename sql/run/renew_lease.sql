create or replace function run.renew_lease(
    p_run_id      uuid,
    p_worker_kind text,
    p_lease_epoch bigint,
    p_now_at      timestamptz
)
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform run.assert_lease(p_run_id, p_worker_kind, p_lease_epoch, p_now_at);
    update run.leases as l
       set renewed_at = p_now_at,
           expires_at = greatest(l.expires_at, p_now_at + run.get_lease_ttl(p_run_id))
      from run.runs as r
     where r.run_id = p_run_id
       and (l.engine_id, l.account_id, l.worker_kind) = (r.engine_id, r.account_id, p_worker_kind)
       and p_now_at >= l.renewed_at + (l.expires_at - l.renewed_at) / 2;
    return p_run_id;
end;
$function$;

comment on function run.renew_lease(uuid, text, bigint, timestamptz) is
$$As run.assert_lease, and renews a lease that has lived half of its time; gives p_run_id.
Why: a leader with a long batch keeps leading by what it does, without a call of its own; one that
has not acted for its lease's time is refused.
Raises: MQG08 as run.assert_lease.$$;
