-- Verify mqk:ref/instruments on pg

begin;

set local role mqk_owner;

select exchange_id, time_zone
  from ref.exchanges
 where false;

select exchange_id, session_on, opens_at, closes_at, is_half_day
  from ref.sessions
 where false;

select symbol, exchange_id, instrument_kind, name, listed_on, delisted_on
  from ref.instruments
 where false;

select timeframe, bar_length
  from ref.timeframes
 where false;

rollback;
