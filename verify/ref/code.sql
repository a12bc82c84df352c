-- Verify mqk:ref/code on pg
-- built from sql/ref by `make code`: edit there

begin;

set local role mqk_owner;

select 'ref.parse_sessions(jsonb)'::regprocedure;
select 'ref.list_differences(text, jsonb)'::regprocedure;
select 'ref.load_sessions(text, text, jsonb, timestamptz)'::regprocedure;
select 'ref.is_amendable(timestamptz, timestamptz, timestamptz, timestamptz, timestamptz)'::regprocedure;
select 'ref.follow_amendment(ref.amendments, text)'::regprocedure;
select 'ref.amend_session(text, date, text, text, text, timestamptz)'::regprocedure;
select 'ref.tg_sessions__follow_amendments()'::regprocedure;
select 'ref.get_next_session(text, timestamptz)'::regprocedure;
select 'ref.get_session_of(text, timestamptz)'::regprocedure;
select 'ref.get_session_before(text, date)'::regprocedure;
select 'ref.get_session_after(text, date)'::regprocedure;
select 'ref.is_open(text, timestamptz)'::regprocedure;
select 'ref.count_sessions(text, timestamptz, timestamptz)'::regprocedure;
select 'ref.describe_market(text, timestamptz)'::regprocedure;
select 'ref.list_slots(text, text, date, date)'::regprocedure;
select 'ref.compute_slot_start(interval, timestamptz, timestamptz)'::regprocedure;
select 'ref.compute_slot_end(interval, timestamptz, timestamptz, timestamptz)'::regprocedure;
select 'ref.list_sessions_of_day(text, timestamptz)'::regprocedure;
select 'ref.get_closed_slot(text, text, timestamptz)'::regprocedure;
select 'ref.count_slots(text, date)'::regprocedure;
select 'ref.list_sessions(text, date, date, timestamptz)'::regprocedure;
select 'ref.get_listing(text, date)'::regprocedure;
select 'ref.list_periods()'::regprocedure;
select 'ref.get_listed_since(text, date)'::regprocedure;
select 'ref.get_class(text, text, date)'::regprocedure;
select 'ref.list_instruments(text)'::regprocedure;
select 'ref.parse_listings(jsonb)'::regprocedure;
select 'ref.list_changed_listings(jsonb)'::regprocedure;
select 'ref.load_instruments(jsonb, timestamptz)'::regprocedure;
select 'ref.parse_classifications(jsonb)'::regprocedure;
select 'ref.load_classifications(jsonb, timestamptz)'::regprocedure;
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ref.timeframes'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ref.timeframes'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ref.sessions'::regclass and tgname = '_100_follow_amendments';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ref.sessions'::regclass and tgname = '_100_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ref.exchanges'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ref.exchanges'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ref.amendments'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ref.amendments'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ref.instruments'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ref.instruments'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ref.listings'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ref.listings'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ref.classifications'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'ref.classifications'::regclass and tgname = '_900_refuse_truncate';

rollback;
