create or replace function run.take_lease(
    p_run_id       uuid,
    p_worker_kind  text,
    p_worker_name  text,
    p_worker_token text,
    p_before       run.leases,
    p_now_at       timestamptz
)
returns run.leases
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_lease run.leases;
    v_epoch bigint := coalesce(p_before.lease_epoch, 0) + 1;
begin
    insert into run.lease_history (
        engine_id, account_id, worker_kind, lease_epoch, run_id, worker_name, worker_token, actor,
        prior_ends_at, taken_at)
    select r.engine_id, r.account_id, p_worker_kind, v_epoch, p_run_id, p_worker_name,
           p_worker_token, session_user,
           case when v_epoch > 1 then least(p_before.expires_at, p_now_at) end, p_now_at
      from run.runs as r
     where r.run_id = p_run_id
    on conflict do nothing;
    if not found then
        return null;
    end if;
    insert into run.leases (
        engine_id, account_id, worker_kind, lease_epoch, renewed_at, expires_at)
    select r.engine_id, r.account_id, p_worker_kind, v_epoch, p_now_at,
           p_now_at + run.get_lease_ttl(p_run_id)
      from run.runs as r
     where r.run_id = p_run_id
    on conflict (engine_id, account_id, worker_kind) do update
       set lease_epoch = excluded.lease_epoch, renewed_at = excluded.renewed_at,
           expires_at = excluded.expires_at
    returning leases.* into v_lease;
    perform audit.append_event(
        p_run_id, 'RUNTIME', 'LEASE_TAKEN',
        jsonb_build_object('worker_kind', p_worker_kind, 'worker_name', p_worker_name,
                           'lease_epoch', v_epoch), p_now_at);
    return v_lease;
end;
$function$;

comment on function run.take_lease(uuid, text, text, text, run.leases, timestamptz) is
$$Begins the epoch after p_before for a new holder. The caller holds the lease's lock and has found that
p_before has ended, or is left by its own holder for another run. Null: somebody else took it while
there was no lease yet to lock.
Why: each epoch refers to the one before it, so none is left out, used twice or gone back to.$$;
