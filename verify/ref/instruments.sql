-- Verify mqk:ref/instruments on pg

begin;

set local role mqk_owner;

select exchange_id, time_zone
  from ref.exchanges
 where false;

select exchange_id, time_zone, session_on, opens_at, closes_at, is_half_day
  from ref.sessions
 where false;

select exchange_id, session_on, amendment_seq, was_opens_at, was_closes_at, opens_at, closes_at, reason,
       actor, amended_at
  from ref.amendments
 where false;

select symbol, exchange_id
  from ref.instruments
 where false;

select timeframe, bar_length
  from ref.timeframes
 where false;

select symbol, effective_on, is_listed, instrument_kind, name, formerly, was_listed, follows_on
  from ref.listings
 where false;

select symbol, scheme, effective_on, code, follows_on
  from ref.classifications
 where false;

rollback;
