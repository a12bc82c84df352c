create or replace function md.store_bars(
    p_report md.ingests,
    p_raws   jsonb,
    p_rows   md.judged_bar[]
)
returns md.ingests
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_report md.ingests := p_report;
begin
    v_report.ingest_id := core.derive_id('ingest', array[
        p_report.feed, p_report.is_second::text, p_report.normaliser, p_report.timeframe,
        p_report.rows_sha256, p_raws::text,
        (select string_agg(format('%s %s', r.line_no, r.verdict), ',' order by r.line_no)
           from unnest(p_rows) as r where r.verdict not in ('NEW', 'KNOWN'))]);
    if exists (select from md.ingests as i where i.ingest_id = v_report.ingest_id) then
        select i.* into v_report from md.ingests as i where i.ingest_id = v_report.ingest_id;
        return v_report;
    end if;
    insert into md.ingests (
        ingest_id, feed, is_second, normaliser, rows_sha256, timeframe, policy, rows_read, rows_stored,
        rows_known, rows_skipped, rows_rejected, skipped, ingested_by, ingested_at)
    select v_report.ingest_id, v_report.feed, v_report.is_second, v_report.normaliser,
           v_report.rows_sha256, v_report.timeframe, v_report.policy, v_report.rows_read,
           v_report.rows_stored, v_report.rows_known, v_report.rows_skipped, v_report.rows_rejected,
           v_report.skipped, v_report.ingested_by, v_report.ingested_at
    returning * into v_report;
    insert into md.sources (ingest_id, source_no, raw_sha256)
    select v_report.ingest_id, s.nth, s.raw_sha256
      from jsonb_array_elements_text(p_raws) with ordinality as s (raw_sha256, nth);
    perform md.store_new(v_report, p_rows);
    perform md.store_findings(v_report, p_rows);
    perform md.store_formings(v_report, p_rows);
    perform md.store_coverage(v_report, p_rows);
    insert into md.feed_marks (feed, symbol, timeframe, last_bar_end_at, heard_at)
    select v_report.feed, r.symbol, v_report.timeframe, max(r.bar_end_at), v_report.ingested_at
      from unnest(p_rows) as r
     where r.verdict in ('NEW', 'KNOWN')
     group by r.symbol
     order by r.symbol collate "C"
    on conflict (feed, symbol, timeframe) do update
       set last_bar_end_at = greatest(feed_marks.last_bar_end_at, excluded.last_bar_end_at),
           heard_at        = greatest(feed_marks.heard_at, excluded.heard_at);
    perform audit.append_desk_event(
        'MARKET', 'BARS_INGESTED', to_jsonb(v_report) - 'ingested_at', v_report.ingested_at);
    perform pg_notify('mqk_bars', v_report.timeframe);
    return v_report;
end;
$function$;

comment on function md.store_bars(md.ingests, jsonb, md.judged_bar[]) is
$$Writes an accepted batch: its report, the answers it came from, bars, findings, how far the feed has come.
Its id is derived from all that went into it and from the verdicts.
Why: the same batch with the same verdicts is one ingest, however often it comes.$$;
