-- Verify mqk:md/asks on pg

begin;

set local role mqk_owner;

select feed, symbol, timeframe, bar_end_at, asks, asked_at
  from md.feed_asks
 where false;

rollback;
