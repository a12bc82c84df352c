-- Verify mqk:md/bars on pg

begin;

set local role mqk_owner;

select ingest_id, source, source_sha256, timeframe, rows_read, rows_stored, rows_known,
       rows_rejected, ingested_by, ingested_at
  from md.ingests
 where false;

select ingest_id, line_no, symbol, finding, detail
  from md.findings
 where false;

select symbol, timeframe, bar_end_at, session_on, open_micros, high_micros, low_micros,
       close_micros, volume, ingest_id
  from md.bars
 where false;

select run_id, stale_after_ms, gap_window_bars
  from md.policies
 where false;

rollback;
