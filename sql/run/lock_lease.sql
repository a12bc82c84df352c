create or replace function run.lock_lease(
    p_run_id      uuid,
    p_worker_kind text
)
returns run.leases
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_lease run.leases;
begin
    select l.* into v_lease
      from run.runs as r
      join run.leases as l using (engine_id, account_id)
     where r.run_id = p_run_id and l.worker_kind = p_worker_kind
       for no key update of l;
    return v_lease;
end;
$function$;

comment on function run.lock_lease(uuid, text) is
$$Locks and gives the lease of a worker kind for a run's engine and account; nulls before the first.$$;
