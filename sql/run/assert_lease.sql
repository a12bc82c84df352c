create or replace function run.assert_lease(
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
declare
    v_lease record;
begin
    select l.lease_epoch, l.expires_at, h.run_id = p_run_id and h.actor = session_user as is_mine
      into v_lease
      from run.runs as r
      join run.leases as l using (engine_id, account_id)
      left join run.lease_history as h
        on (h.engine_id, h.account_id, h.worker_kind, h.lease_epoch)
           = (l.engine_id, l.account_id, l.worker_kind, p_lease_epoch)
     where r.run_id = p_run_id and l.worker_kind = p_worker_kind
       for share of l;
    if (v_lease.is_mine and v_lease.lease_epoch = p_lease_epoch
        and v_lease.expires_at > run.clamp_now(p_run_id, p_now_at)) is not true
    then
        perform core.raise_error(
            'MQG08', format('%s epoch %s; the lease is epoch %s until %s', p_worker_kind,
            p_lease_epoch, v_lease.lease_epoch, core.format_iso(v_lease.expires_at)));
    end if;
    return p_run_id;
end;
$function$;

comment on function run.assert_lease(uuid, text, bigint, timestamptz) is
$$Gives p_run_id back if p_lease_epoch is the living lease of this worker kind, login and run, and keeps
it so until the transaction ends.
Why: a worker that was stopped for longer than its lease does not know it; the door does. It stands
where a door hands the run's id on, so that it is judged first of all.
Raises: MQG08 no lease, another epoch, expired, another login's, another run's.$$;
