create or replace function run.release_lease(
    p_run_id      uuid,
    p_worker_kind text,
    p_lease_epoch bigint,
    p_now_at      timestamptz
)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_lease run.leases;
    v_now   timestamptz;
begin
    v_lease := run.lock_lease(p_run_id, p_worker_kind);
    v_now := run.clamp_now(p_run_id, p_now_at);
    if v_lease.lease_epoch is distinct from p_lease_epoch or v_lease.expires_at <= v_now then
        return false;
    end if;
    perform run.assert_lease(p_run_id, p_worker_kind, p_lease_epoch, p_now_at);
    update run.leases as l
       set renewed_at = least(l.renewed_at, v_now), expires_at = v_now
     where (l.engine_id, l.account_id, l.worker_kind)
           = (v_lease.engine_id, v_lease.account_id, v_lease.worker_kind);
    perform audit.append_event(
        p_run_id, 'RUNTIME', 'LEASE_RELEASED',
        jsonb_build_object('worker_kind', p_worker_kind, 'lease_epoch', p_lease_epoch), p_now_at);
    return true;
end;
$function$;

comment on function run.release_lease(uuid, text, bigint, timestamptz) is
$$Ends a lease at once, so that the next process need not wait for its expiry; false: it had ended.
Why: the row and its epoch stay; whoever is next gets the next epoch.
Raises: MQG08 the epoch is another login's or another run's; MQN02.$$;
