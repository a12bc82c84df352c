create or replace function md.build_ingest_report(
    p_ingest_id   uuid,
    p_outlier_bps integer
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select jsonb_build_object(
        'ingest', to_jsonb(i),
        'raws', (select jsonb_agg(md.describe_raw(r) order by s.source_no)
                   from md.sources as s join md.raws as r using (raw_sha256)
                  where s.ingest_id = i.ingest_id),
        'coverage', jsonb_build_object(
            'rows_read', i.rows_read, 'rows_ok', i.rows_stored + i.rows_known,
            'rows_inserted', i.rows_stored, 'rows_known', i.rows_known, 'rows_updated', 0,
            'rows_skipped', i.rows_skipped, 'rows_rejected', i.rows_rejected),
        'outlier_bps', p_outlier_bps,
        'per_symbol_timeframe', (
            select coalesce(jsonb_object_agg(s.symbol || '|' || i.timeframe, to_jsonb(s)
                       || jsonb_build_object(
                          'duplicates_in_batch', md.count_verdicts(s.verdicts, '{DUPLICATE}'),
                          'conflicts', md.count_verdicts(s.verdicts, '{CONFLICT,CONFLICT_IN_BATCH}'),
                          'incomplete', md.count_verdicts(s.verdicts, '{INCOMPLETE,NOT_CLOSED}'),
                          'ohlc_sanity_violations', md.count_verdicts(s.verdicts, '{OHLC_INSANE}'),
                          'negative_or_invalid_volume',
                          md.count_verdicts(s.verdicts, '{VOLUME_INVALID}'))), '{}')
              from md.list_ingest_symbols(i.ingest_id, p_outlier_bps) as s),
        'gaps', (select coalesce(jsonb_agg(to_jsonb(g)), '[]')
                   from (select g.* from md.list_ingest_gaps(i.ingest_id) as g limit 200) as g),
        'outliers', (select coalesce(jsonb_agg(to_jsonb(o)), '[]')
                       from (select o.* from md.list_ingest_jumps(i.ingest_id, p_outlier_bps) as o
                              limit 200) as o),
        'disagreements', (select coalesce(jsonb_agg(to_jsonb(d)), '[]')
                            from (select d.* from md.list_ingest_disagreements(i.ingest_id) as d
                                   limit 200) as d),
        'findings', (select coalesce(jsonb_agg(to_jsonb(f) - 'ingest_id'), '[]')
                       from (select f.* from md.findings as f where f.ingest_id = i.ingest_id
                              order by f.line_no limit 200) as f))
      from md.get_ingest(p_ingest_id) as i;
$function$;

comment on function md.build_ingest_report(uuid, integer) is
$$The report of an ingest: what was read, what became of it, by symbol and timeframe; gaps, jumps beyond
p_outlier_bps, disagreements and findings, the first 200 of each.
Why: it is built from what never changes, so it says the same for ever.
Raises: MQN53 there is no such ingest.$$;
