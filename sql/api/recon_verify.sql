create or replace function api.recon_verify(
    p_run_id uuid
)
returns table (
    comparisons  bigint,
    snapshot_seq bigint,
    problem      text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select v.comparisons, v.snapshot_seq, v.problem
      from recon.verify_run(p_run_id) as v
     where run.assert_run(p_run_id);
$function$;

comment on function api.recon_verify(uuid) is
$$Computes every comparison of a run again from the stored documents; names the first that comes out
otherwise, or null.
Raises: MQN02.$$;
