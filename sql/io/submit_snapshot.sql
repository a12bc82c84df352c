create or replace function io.submit_snapshot(
    p_run_id      uuid,
    p_lease_epoch bigint,
    p_document    jsonb,
    p_now_at      timestamptz
)
returns table (
    verdict text,
    detail  text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.verdict, f.detail
      from recon.submit_snapshot(
           run.assert_lease(p_run_id, 'snapshots', p_lease_epoch, p_now_at),
           p_document, p_now_at) as f;
$function$;

comment on function io.submit_snapshot(uuid, bigint, jsonb, timestamptz) is
$$Service door to recon.submit_snapshot for the snapshots that leads.
Raises: MQG08 p_lease_epoch does not lead.$$;
