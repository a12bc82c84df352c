create or replace function recon.evaluate_drifts(
    p_run_id       uuid,
    p_snapshot_seq bigint,
    p_books        jsonb,
    p_now_at       timestamptz
)
returns setof recon.drifts
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select row(p_run_id, p_snapshot_seq, d.drift_kind, d.drift_key, d.ours, d.theirs,
               f.first_seen_at, d.is_young,
               not k.is_graced
               or (b.drift_key is not null
                   and f.first_seen_at <= p_now_at - l.grace_ms * interval '1 ms'
                   and (not d.is_young
                        or f.first_seen_at <= p_now_at - l.max_age_ms * interval '1 ms'))
           )::recon.drifts
      from recon.snapshots as s
      join recon.tolerances as l using (run_id)
     cross join lateral recon.list_drifts(s.document, p_books, l) as d
      join recon.drift_kinds as k using (drift_kind)
      left join recon.drifts as b
        on b.run_id = p_run_id and b.snapshot_seq = p_snapshot_seq - 1
       and b.drift_kind = d.drift_kind and b.drift_key = d.drift_key
     cross join lateral (select coalesce(b.first_seen_at, p_now_at) as first_seen_at) as f
     where s.run_id = p_run_id and s.snapshot_seq = p_snapshot_seq
     order by d.drift_kind, d.drift_key collate "C";
$function$;

comment on function recon.evaluate_drifts(uuid, bigint, jsonb, timestamptz) is
$$The differences of a stored snapshot to given books, with their age. One is settled when the snapshot
before showed it too and it has lasted for the grace; one on which our side moved after the capture
when it has outlived the greatest age of a snapshot; one that cannot be in flight at once.
Why: a fill may reach one side before the other, but not for ever.$$;
