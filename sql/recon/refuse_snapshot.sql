create or replace function recon.refuse_snapshot(
    p_run_id   uuid,
    p_defect   text,
    p_document jsonb,
    p_now_at   timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    insert into recon.refusals (run_id, refusal_seq, defect, document, refused_at)
    select p_run_id, coalesce(max(r.refusal_seq), 0) + 1, p_defect,
           coalesce(p_document, 'null'), run.clamp_now(p_run_id, p_now_at)
      from recon.refusals as r
     where r.run_id = p_run_id;
    select audit.append_event(
        p_run_id, 'RECON', 'SNAPSHOT_REFUSED',
        jsonb_build_object('defect', p_defect,
                           'document_sha256', core.hash_text(coalesce(p_document, 'null')::text)),
        p_now_at);
$function$;

comment on function recon.refuse_snapshot(uuid, text, jsonb, timestamptz) is
$$Keeps a snapshot that proves nothing, as it came, and why. The caller holds the run's lock.
Why: it opens nothing and shuts nothing; but a broker that sends such is worth remembering.$$;
