-- Verify mqk:md/quality on pg

begin;

set local role mqk_owner;

select symbol, timeframe, bar_end_at, defect, ruled_at, ruled_by, reason
  from md.rulings
 where false;

select feed, symbol, timeframe, bar_end_at, heard_at
  from md.formings
 where false;

select ingest_id, symbol, verdicts, out_of_order, zero_volumes, first_bar_end_at, last_bar_end_at
  from md.coverages
 where false;

rollback;
