create or replace function api.recon_drifts(
    p_run_id uuid
)
returns table (
    snapshot_seq  bigint,
    drift_kind    text,
    drift_key     text,
    severity      text,
    repair_class  text,
    ours          text,
    theirs        text,
    first_seen_at timestamptz,
    is_young      boolean,
    is_settled    boolean
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select d.snapshot_seq, d.drift_kind, d.drift_key, k.severity, k.repair_class, d.ours, d.theirs,
           d.first_seen_at, d.is_young, d.is_settled
      from recon.drifts as d
      join recon.drift_kinds as k using (drift_kind)
     where d.run_id = p_run_id
       and run.assert_run(p_run_id)
     order by d.snapshot_seq desc, d.drift_kind, d.drift_key collate "C"
     limit 1000;
$function$;

comment on function api.recon_drifts(uuid) is
$$The differences that were found, newest first, with how bad each is and who may mend it.
Raises: MQN02.$$;
