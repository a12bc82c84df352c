create or replace function run.acquire_lease(
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
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_lease  run.leases;
    v_holder run.lease_history;
    v_now    timestamptz;
begin
    perform core.assert_that(run.is_own_kind(p_worker_kind), 'MQG09', p_worker_kind);
    v_lease := run.lock_lease(p_run_id, p_worker_kind);
    perform run.lock_run(p_run_id, false, p_now_at);
    v_now := run.clamp_now(p_run_id, p_now_at);
    select h.* into v_holder
      from run.lease_history as h
     where (h.engine_id, h.account_id, h.worker_kind, h.lease_epoch)
           = (v_lease.engine_id, v_lease.account_id, v_lease.worker_kind, v_lease.lease_epoch);
    is_leader := (v_lease.expires_at > v_now) is not true
        or (v_holder.actor, v_holder.worker_name, v_holder.worker_token)
           = (session_user::text, p_worker_name, p_worker_token);
    if is_leader and v_lease.expires_at > v_now and v_holder.run_id = p_run_id then
        update run.leases as l
           set renewed_at = v_now,
               expires_at = greatest(l.expires_at, v_now + run.get_lease_ttl(p_run_id))
         where (l.engine_id, l.account_id, l.worker_kind)
               = (v_lease.engine_id, v_lease.account_id, v_lease.worker_kind)
        returning l.* into v_lease;
    elsif is_leader then
        v_lease := run.take_lease(
            p_run_id, p_worker_kind, p_worker_name, p_worker_token, v_lease, v_now);
        if v_lease.lease_epoch is null then  -- the first of all, and another was first
            return query select f.* from run.acquire_lease(
                p_run_id, p_worker_kind, p_worker_name, p_worker_token, p_now_at) as f;
            return;
        end if;
    end if;
    lease_epoch := v_lease.lease_epoch;
    expires_at := v_lease.expires_at;
    holder := case when is_leader then p_worker_name || ' as ' || session_user
                   else v_holder.worker_name || ' as ' || v_holder.actor end;
    return next;
end;
$function$;

comment on function run.acquire_lease(uuid, text, text, text, timestamptz) is
$$Takes the lease of a worker kind when it is free or expired (next epoch), renews it for the process
that holds it (same epoch), else says who leads and until when.
Why: a process is its login, its name and its token; the name alone does not take a living lease over.
Raises: MQG09 the login is not of this kind; MQN02; MQA03; 23514 no name or token.$$;
