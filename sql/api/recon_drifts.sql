create or replace function api.recon_drifts(
    p_run_id uuid
)
returns table (
    snapshot_seq  bigint,
    drift_kind    text,
    drift_key     text,
    ours          text,
    theirs        text,
    first_seen_at timestamptz,
    is_settled    boolean
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select d.snapshot_seq, d.drift_kind, d.drift_key, d.ours, d.theirs, d.first_seen_at, d.is_settled
      from recon.drifts as d
     where d.run_id = p_run_id
       and run.assert_run(p_run_id)
     order by d.snapshot_seq desc, d.drift_kind, d.drift_key
     limit 1000;
$function$;

comment on function api.recon_drifts(uuid) is
$$The differences that were found, newest first.
Raises: MQN02.$$;
