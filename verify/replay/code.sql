-- Verify mqk:replay/code on pg
-- built from sql/replay by `make code`: edit there

begin;

set local role mqk_owner;

select 'replay.list_rows(text, jsonb, boolean)'::regprocedure;
select 'replay.list_left_out()'::regprocedure;
select 'replay.fold_run(uuid, timestamptz)'::regprocedure;
select 'replay.fold_workers(uuid, timestamptz)'::regprocedure;
select 'replay.fold_gates(uuid, timestamptz)'::regprocedure;
select 'replay.fold_halts(uuid, timestamptz)'::regprocedure;
select 'replay.fold_decisions(uuid, timestamptz)'::regprocedure;
select 'replay.fold_limits(uuid, timestamptz)'::regprocedure;
select 'replay.fold_orders(uuid, timestamptz)'::regprocedure;
select 'replay.list_requests(uuid, timestamptz)'::regprocedure;
select 'replay.fold_outbox(uuid, timestamptz)'::regprocedure;
select 'replay.fold_inbox(uuid, timestamptz)'::regprocedure;
select 'replay.match_fill(ledger.lots[], ledger.fills, bigint, bigint)'::regprocedure;
select 'replay.match_split(ledger.lots[], ledger.adjustments, bigint)'::regprocedure;
select 'replay.match_symbol(ledger.fills[], ledger.adjustments[], bigint)'::regprocedure;
select 'replay.list_standing(ledger.fills[], ledger.fills)'::regprocedure;
select 'replay.is_newest(ledger.fills[], ledger.adjustments[], ledger.fills)'::regprocedure;
select 'replay.list_bookings(uuid, timestamptz)'::regprocedure;
select 'replay.list_records(bigint, jsonb)'::regprocedure;
select 'replay.describe_entry(ledger.fills, ledger.adjustments, ledger.positions, bigint, ledger.lots[], bigint, jsonb)'::regprocedure;
select 'replay.fold_symbol(uuid, text, timestamptz)'::regprocedure;
select 'replay.list_entries(jsonb)'::regprocedure;
select 'replay.fold_books(uuid, timestamptz)'::regprocedure;
select 'replay.fold_all(uuid, timestamptz)'::regprocedure;
select 'replay.list_stored(uuid)'::regprocedure;
select 'replay.format_difference(text, jsonb, jsonb)'::regprocedure;
select 'replay.list_digests(uuid, timestamptz)'::regprocedure;
select 'replay.compare_run(uuid, timestamptz)'::regprocedure;
select 'replay.list_folded(uuid, text, timestamptz)'::regprocedure;
select 'replay.list_log(uuid)'::regprocedure;
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'replay.places'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'replay.places'::regclass and tgname = '_900_refuse_truncate';

rollback;
