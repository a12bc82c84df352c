create or replace function recon.hash_drifts(
    p_drifts recon.drifts[]
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select core.hash_text(coalesce(string_agg(
               jsonb_build_array(
                   d.drift_kind, d.drift_key, d.ours, d.theirs, core.format_iso(d.first_seen_at),
                   d.is_young, d.is_settled)::text,
               e'\n' order by d.drift_kind collate "C", d.drift_key collate "C"), ''))
      from unnest(p_drifts) as d;
$function$;

comment on function recon.hash_drifts(recon.drifts[]) is
$$Hash of the differences of one comparison, in hex; their order does not matter.$$;
