create or replace function api.recon_refusals(
    p_run_id uuid,
    p_limit  integer
)
returns table (
    refusal_seq     bigint,
    defect          text,
    document_sha256 text,
    refused_at      timestamptz
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select r.refusal_seq, r.defect, r.document_sha256, r.refused_at
      from recon.refusals as r
     where r.run_id = p_run_id
       and run.assert_run(p_run_id)
     order by r.refusal_seq desc
     limit least(greatest(p_limit, 1), 1000);
$function$;

comment on function api.recon_refusals(uuid, integer) is
$$The last snapshots that proved nothing, and why, newest first.
Raises: MQN02.$$;
