-- Revert mqk:md/code from pg
-- built from sql/md by `make code`: edit there

begin;

set local role mqk_owner;

do $guard$
begin
    if to_regclass('run.runs') is not null then
        lock table run.runs in share mode;  -- nobody arms meanwhile
        if exists (select from run.runs as r where r.run_status in ('ARMED', 'RUNNING')) then
            raise sqlstate 'MQS19' using
                message = 'code is not changed under a run that is armed or running',
                hint = 'Stop the runs first: mqk run stop. Then deploy, and arm anew.';
        end if;
    end if;
end;
$guard$;

drop trigger _900_refuse_truncate on md.coverages;
drop trigger _900_refuse_change on md.coverages;
drop trigger _900_refuse_truncate on md.rulings;
drop trigger _900_refuse_change on md.rulings;
drop trigger _100_know_parents on md.bars;
drop trigger _900_refuse_truncate on md.conflicts;
drop trigger _900_refuse_change on md.conflicts;
drop trigger _900_refuse_truncate on md.sources;
drop trigger _900_refuse_change on md.sources;
drop trigger _900_refuse_truncate on md.raws;
drop trigger _900_refuse_change on md.raws;
drop trigger _900_refuse_truncate on md.observations;
drop trigger _900_refuse_change on md.observations;
drop trigger _900_refuse_truncate on md.ingests;
drop trigger _900_refuse_truncate on md.findings;
drop trigger _900_refuse_truncate on md.bars;
drop trigger _900_refuse_truncate on md.corporate_actions;
drop trigger _900_refuse_change on md.corporate_actions;
drop trigger _900_refuse_truncate on md.cleared_jumps;
drop trigger _900_refuse_change on md.cleared_jumps;
drop trigger _900_refuse_truncate on md.forbid_periods;
drop trigger _900_refuse_change on md.forbid_periods;
drop trigger _900_refuse_truncate on md.policies;
drop trigger _900_refuse_change on md.policies;
drop trigger _900_refuse_change on md.ingests;
drop trigger _900_refuse_change on md.findings;
drop trigger _900_refuse_change on md.bars;
drop function md.tg_bars__know_parents();
drop function md.compute_bars_digest();
drop function md.take_feed_wants(uuid, text, boolean, timestamptz);
drop function md.get_window_start(uuid, timestamptz);
drop function md.list_run_symbols(uuid);
drop function md.list_sync_wants(text, jsonb, text, date, date, timestamptz);
drop function md.list_feed_wants(text, jsonb, text, date, date, timestamptz);
drop function md.compute_ask_pause(bigint);
drop function md.load_instruments(jsonb, timestamptz);
drop function md.list_unlisted_bars();
drop function md.list_feed_marks(text);
drop function md.list_quality(text, integer, timestamptz);
drop function md.get_quality(text[], text, timestamptz);
drop function md.build_ingest_report(uuid, integer);
drop function md.count_verdicts(jsonb, text[]);
drop function md.list_ingest_symbols(uuid, integer);
drop function md.list_ingest_sessions(uuid);
drop function md.list_ingest_disagreements(uuid);
drop function md.list_ingest_jumps(uuid, integer);
drop function md.list_ingest_gaps(uuid);
drop function md.list_ingest_bars(uuid);
drop function md.list_ingests(integer);
drop function md.get_ingest(uuid);
drop function md.get_lineage(text, text, text);
drop function md.get_raw(text);
drop function md.describe_raw(md.raws);
drop function md.resolve_defect(jsonb, timestamptz);
drop function md.is_unsettled(md.bars, text, timestamptz);
drop function md.find_bar(text, text, text);
drop function md.evaluate_integrity(uuid, timestamptz);
drop function md.find_ban(uuid, text, timestamptz);
drop function md.set_forbid_periods(uuid, jsonb);
drop function md.find_bad_period(jsonb, text[]);
drop function md.set_policy(uuid, jsonb);
drop function md.describe_defects(uuid, timestamptz);
drop function md.list_defects(uuid, timestamptz);
drop function md.list_doubts(uuid, timestamptz);
drop function md.list_absences(uuid, timestamptz);
drop function md.list_ended_calendars(uuid, timestamptz);
drop function md.list_open_outliers(uuid, timestamptz);
drop function md.list_outliers(text, text, timestamptz, integer, timestamptz);
drop function md.list_conflicts(text[], text, timestamptz, timestamptz);
drop function md.list_disagreements(uuid, timestamptz);
drop function md.list_formings(uuid, timestamptz);
drop function md.list_stale_feeds(uuid, timestamptz);
drop function md.format_bar_values(bigint, bigint, bigint, bigint, bigint);
drop function md.format_prices(bigint, bigint, bigint);
drop function md.format_bar(text, date, timestamptz);
drop function md.list_window_gaps(uuid, timestamptz);
drop function md.list_windows(uuid, timestamptz);
drop function md.list_gaps(text, text, date, timestamptz);
drop function md.get_complete_bar(uuid, timestamptz);
drop function md.get_marks(uuid, timestamptz);
drop function md.list_marks(uuid, timestamptz);
drop function md.list_new_bars(uuid, timestamptz, timestamptz);
drop function md.list_session_closes(text, text, date, date, timestamptz);
drop function md.cancel_action(uuid, text, timestamptz);
drop function md.list_actions(text, timestamptz);
drop function md.load_actions(text, text, jsonb, timestamptz);
drop function md.store_action(md.corporate_actions);
drop function md.format_terms(md.corporate_actions);
drop function md.parse_actions(jsonb, timestamptz);
drop function md.find_action_defect(text, text, date, text, bigint, bigint, text, bigint, text, date, text, date, text, uuid, timestamptz, timestamptz);
drop function md.list_adjusted_bars_as_of(text, text, integer, text, timestamptz, timestamptz);
drop function md.list_adjustment_factors(text, text, text, timestamptz);
drop function md.restate_price(text, bigint, timestamptz, timestamptz);
drop function md.find_jumps(uuid, timestamptz);
drop function md.clear_jump(text, date, text, timestamptz);
drop function md.list_unexplained_jumps(text, text, date, integer, timestamptz);
drop function md.list_usual_ratios();
drop function md.get_split_factor(text, timestamptz, timestamptz);
drop function md.get_split_factor_known(text, timestamptz, timestamptz, timestamptz);
drop function md.list_effective_actions(uuid, timestamptz);
drop function md.list_actions_as_of(text, timestamptz);
drop function md.list_marks_as_of(text, text, integer, timestamptz);
drop function md.is_disputed(text, text, timestamptz, timestamptz);
drop function md.is_ruled(text, text, timestamptz, text, timestamptz, timestamptz);
drop function md.list_bars_as_of(text, text, integer, timestamptz);
drop function md.store_coverage(md.ingests, md.judged_bar[]);
drop function md.store_formings(md.ingests, md.judged_bar[]);
drop function md.store_findings(md.ingests, md.judged_bar[]);
drop function md.store_new(md.ingests, md.judged_bar[]);
drop function md.store_bars(md.ingests, jsonb, md.judged_bar[]);
drop function md.ingest_bars(text, boolean, jsonb, text, text, text, jsonb, timestamptz);
drop function md.count_rows(md.judged_bar[]);
drop function md.judge_bars(text, boolean, text, jsonb, timestamptz);
drop function md.is_rejected(text);
drop function md.parse_bars(text, jsonb, timestamptz);
drop function md.type_rows(jsonb);
drop function md.read_time(text, boolean);
drop function md.read_micros(text, boolean);
drop function md.read_count(text, boolean);
drop function md.read_rows(jsonb);
drop function md.hash_rows(jsonb);
drop function md.is_plain(jsonb);
drop function md.is_batch(jsonb);
drop function md.keep_raw(text, jsonb, text, bytea, timestamptz);

commit;
