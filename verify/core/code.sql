-- Verify mqk:core/code on pg
-- built from sql/core by `make code`: edit there

begin;

set local role mqk_owner;

select 'core.raise_error(text, text)'::regprocedure;
select 'core.assert_that(boolean, text, text)'::regprocedure;
select 'core.is_clock_near(timestamptz)'::regprocedure;
select 'core.assert_clock_is_near(timestamptz)'::regprocedure;
select 'core.get_boot_at()'::regprocedure;
select 'core.hash_text(text)'::regprocedure;
select 'core.list_fingerprints()'::regprocedure;
select 'core.compute_fingerprint()'::regprocedure;
select 'core.get_schema_mark()'::regprocedure;
select 'core.derive_id(text, text[])'::regprocedure;
select 'core.parse_date(text)'::regprocedure;
select 'core.parse_micros(text)'::regprocedure;
select 'core.parse_shares(text)'::regprocedure;
select 'core.is_on_tick(bigint)'::regprocedure;
select 'core.parse_time(text)'::regprocedure;
select 'core.parse_names(jsonb)'::regprocedure;
select 'core.format_micros(bigint)'::regprocedure;
select 'core.format_iso(timestamptz)'::regprocedure;
select 'core.is_apart(bigint, bigint, integer)'::regprocedure;
select 'core.compute_move_bps(bigint, bigint)'::regprocedure;
select 'core.scale_up(bigint, bigint)'::regprocedure;
select 'core.restate_price(bigint, numeric, numeric)'::regprocedure;
select 'core.format_canonical_json(jsonb)'::regprocedure;
select 'core.list_secret_rules()'::regprocedure;
select 'core.find_secret(text)'::regprocedure;
select 'core.list_secrets(jsonb)'::regprocedure;
select 'core.tg_refuse_change()'::regprocedure;

rollback;
