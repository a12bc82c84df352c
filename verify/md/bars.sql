-- Verify mqk:md/bars on pg

begin;

set local role mqk_owner;

select raw_sha256, feed, request, content_type, body, fetched_by, fetched_at
  from md.raws
 where false;

select ingest_id, feed, is_second, normaliser, rows_sha256, timeframe, policy, rows_read, rows_stored,
       rows_known, rows_skipped, rows_rejected, gate_result, skipped, ingested_by, ingested_at
  from md.ingests
 where false;

select ingest_id, source_no, raw_sha256
  from md.sources
 where false;

select ingest_id, line_no, symbol, finding, detail
  from md.findings
 where false;

select symbol, timeframe, bar_end_at, session_on, open_micros, high_micros, low_micros,
       close_micros, volume, ingest_id
  from md.bars
 where false;

select feed, symbol, timeframe, bar_end_at, session_on, open_micros, high_micros, low_micros,
       close_micros, volume, ingest_id
  from md.observations
 where false;

select ingest_id, line_no, symbol, timeframe, bar_end_at, open_micros, high_micros, low_micros,
       close_micros, volume, found_at
  from md.conflicts
 where false;

select feed, symbol, timeframe, last_bar_end_at, heard_at
  from md.feed_marks
 where false;

select run_id, timeframe, feed, second_feed, stale_after_ms, gap_window_bars, gap_tolerance_bars,
       disagreement_bps, outlier_bps, stale_policy, disagreement_policy, conflict_policy, outlier_policy
  from md.policies
 where false;

select run_id, period_no, symbol, from_on, to_on
  from md.forbid_periods
 where false;

rollback;
