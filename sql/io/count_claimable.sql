create or replace function io.count_claimable(
    p_run_id uuid,
    p_now_at timestamptz
)
returns bigint
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select count(*)
      from oms.outbox as o
      join run.runs as r using (run_id)
     where o.run_id = p_run_id
       and o.outbox_status = 'PENDING'
       and r.run_status = 'RUNNING'
       and not exists (
            select from run.list_shut_gates(
                p_run_id, array['DEADMAN', 'INTEGRITY', 'RECON', 'RISK'], p_now_at));
$function$;

comment on function io.count_claimable(uuid, timestamptz) is
$$How many orders wait while a claim would be let through; 0 while a gate is shut.$$;
