-- Verify mqk:md/code on pg
-- built from sql/md by `make code`: edit there

begin;

set local role mqk_owner;

select 'md.keep_raw(text, jsonb, text, bytea, timestamptz)'::regprocedure;
select 'md.is_batch(jsonb)'::regprocedure;
select 'md.is_plain(jsonb)'::regprocedure;
select 'md.hash_rows(jsonb)'::regprocedure;
select 'md.read_rows(jsonb)'::regprocedure;
select 'md.read_count(text, boolean)'::regprocedure;
select 'md.read_micros(text, boolean)'::regprocedure;
select 'md.read_time(text, boolean)'::regprocedure;
select 'md.type_rows(jsonb)'::regprocedure;
select 'md.parse_bars(text, jsonb, timestamptz)'::regprocedure;
select 'md.is_rejected(text)'::regprocedure;
select 'md.judge_bars(text, boolean, text, jsonb, timestamptz)'::regprocedure;
select 'md.count_rows(md.judged_bar[])'::regprocedure;
select 'md.ingest_bars(text, boolean, jsonb, text, text, text, jsonb, timestamptz)'::regprocedure;
select 'md.store_bars(md.ingests, jsonb, md.judged_bar[])'::regprocedure;
select 'md.store_new(md.ingests, md.judged_bar[])'::regprocedure;
select 'md.store_findings(md.ingests, md.judged_bar[])'::regprocedure;
select 'md.store_formings(md.ingests, md.judged_bar[])'::regprocedure;
select 'md.store_coverage(md.ingests, md.judged_bar[])'::regprocedure;
select 'md.list_bars_as_of(text, text, integer, timestamptz)'::regprocedure;
select 'md.is_ruled(text, text, timestamptz, text, timestamptz, timestamptz)'::regprocedure;
select 'md.is_disputed(text, text, timestamptz, timestamptz)'::regprocedure;
select 'md.list_marks_as_of(text, text, integer, timestamptz)'::regprocedure;
select 'md.list_actions_as_of(text, timestamptz)'::regprocedure;
select 'md.list_effective_actions(uuid, timestamptz)'::regprocedure;
select 'md.get_split_factor_known(text, timestamptz, timestamptz, timestamptz)'::regprocedure;
select 'md.get_split_factor(text, timestamptz, timestamptz)'::regprocedure;
select 'md.list_usual_ratios()'::regprocedure;
select 'md.list_unexplained_jumps(text, text, date, integer, timestamptz)'::regprocedure;
select 'md.clear_jump(text, date, text, timestamptz)'::regprocedure;
select 'md.find_jumps(uuid, timestamptz)'::regprocedure;
select 'md.restate_price(text, bigint, timestamptz, timestamptz)'::regprocedure;
select 'md.list_adjustment_factors(text, text, text, timestamptz)'::regprocedure;
select 'md.list_adjusted_bars_as_of(text, text, integer, text, timestamptz, timestamptz)'::regprocedure;
select 'md.find_action_defect(text, text, date, text, bigint, bigint, text, bigint, text, date, text, date, text, uuid, timestamptz, timestamptz)'::regprocedure;
select 'md.parse_actions(jsonb, timestamptz)'::regprocedure;
select 'md.format_terms(md.corporate_actions)'::regprocedure;
select 'md.store_action(md.corporate_actions)'::regprocedure;
select 'md.load_actions(text, text, jsonb, timestamptz)'::regprocedure;
select 'md.list_actions(text, timestamptz)'::regprocedure;
select 'md.cancel_action(uuid, text, timestamptz)'::regprocedure;
select 'md.list_session_closes(text, text, date, date, timestamptz)'::regprocedure;
select 'md.list_new_bars(uuid, timestamptz, timestamptz)'::regprocedure;
select 'md.list_marks(uuid, timestamptz)'::regprocedure;
select 'md.get_marks(uuid, timestamptz)'::regprocedure;
select 'md.get_complete_bar(uuid, timestamptz)'::regprocedure;
select 'md.list_gaps(text, text, date, timestamptz)'::regprocedure;
select 'md.list_windows(uuid, timestamptz)'::regprocedure;
select 'md.list_window_gaps(uuid, timestamptz)'::regprocedure;
select 'md.format_bar(text, date, timestamptz)'::regprocedure;
select 'md.format_prices(bigint, bigint, bigint)'::regprocedure;
select 'md.format_bar_values(bigint, bigint, bigint, bigint, bigint)'::regprocedure;
select 'md.list_stale_feeds(uuid, timestamptz)'::regprocedure;
select 'md.list_formings(uuid, timestamptz)'::regprocedure;
select 'md.list_disagreements(uuid, timestamptz)'::regprocedure;
select 'md.list_conflicts(text[], text, timestamptz, timestamptz)'::regprocedure;
select 'md.list_outliers(text, text, timestamptz, integer, timestamptz)'::regprocedure;
select 'md.list_open_outliers(uuid, timestamptz)'::regprocedure;
select 'md.list_ended_calendars(uuid, timestamptz)'::regprocedure;
select 'md.list_absences(uuid, timestamptz)'::regprocedure;
select 'md.list_doubts(uuid, timestamptz)'::regprocedure;
select 'md.list_defects(uuid, timestamptz)'::regprocedure;
select 'md.describe_defects(uuid, timestamptz)'::regprocedure;
select 'md.set_policy(uuid, jsonb)'::regprocedure;
select 'md.find_bad_period(jsonb, text[])'::regprocedure;
select 'md.set_forbid_periods(uuid, jsonb)'::regprocedure;
select 'md.find_ban(uuid, text, timestamptz)'::regprocedure;
select 'md.evaluate_integrity(uuid, timestamptz)'::regprocedure;
select 'md.find_bar(text, text, text)'::regprocedure;
select 'md.is_unsettled(md.bars, text, timestamptz)'::regprocedure;
select 'md.resolve_defect(jsonb, timestamptz)'::regprocedure;
select 'md.describe_raw(md.raws)'::regprocedure;
select 'md.get_raw(text)'::regprocedure;
select 'md.get_lineage(text, text, text)'::regprocedure;
select 'md.get_ingest(uuid)'::regprocedure;
select 'md.list_ingests(integer)'::regprocedure;
select 'md.list_ingest_bars(uuid)'::regprocedure;
select 'md.list_ingest_gaps(uuid)'::regprocedure;
select 'md.list_ingest_jumps(uuid, integer)'::regprocedure;
select 'md.list_ingest_disagreements(uuid)'::regprocedure;
select 'md.list_ingest_sessions(uuid)'::regprocedure;
select 'md.list_ingest_symbols(uuid, integer)'::regprocedure;
select 'md.count_verdicts(jsonb, text[])'::regprocedure;
select 'md.build_ingest_report(uuid, integer)'::regprocedure;
select 'md.get_quality(text[], text, timestamptz)'::regprocedure;
select 'md.list_quality(text, integer, timestamptz)'::regprocedure;
select 'md.list_feed_marks(text)'::regprocedure;
select 'md.list_unlisted_bars()'::regprocedure;
select 'md.load_instruments(jsonb, timestamptz)'::regprocedure;
select 'md.compute_ask_pause(bigint)'::regprocedure;
select 'md.list_feed_wants(text, jsonb, text, date, date, timestamptz)'::regprocedure;
select 'md.list_sync_wants(text, jsonb, text, date, date, timestamptz)'::regprocedure;
select 'md.list_run_symbols(uuid)'::regprocedure;
select 'md.get_window_start(uuid, timestamptz)'::regprocedure;
select 'md.take_feed_wants(uuid, text, boolean, timestamptz)'::regprocedure;
select 'md.compute_bars_digest()'::regprocedure;
select 'md.tg_bars__know_parents()'::regprocedure;
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'md.bars'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'md.findings'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'md.ingests'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'md.policies'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'md.policies'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'md.forbid_periods'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'md.forbid_periods'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'md.cleared_jumps'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'md.cleared_jumps'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'md.corporate_actions'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'md.corporate_actions'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'md.bars'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'md.findings'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'md.ingests'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'md.observations'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'md.observations'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'md.raws'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'md.raws'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'md.sources'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'md.sources'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'md.conflicts'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'md.conflicts'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'md.bars'::regclass and tgname = '_100_know_parents';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'md.rulings'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'md.rulings'::regclass and tgname = '_900_refuse_truncate';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'md.coverages'::regclass and tgname = '_900_refuse_change';
select 1 / count(*) from pg_catalog.pg_trigger
 where tgrelid = 'md.coverages'::regclass and tgname = '_900_refuse_truncate';

rollback;
