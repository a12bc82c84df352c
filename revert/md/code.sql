-- Revert mqk:md/code from pg
-- built from sql/md by `make code`: edit there

begin;

set local role mqk_owner;

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
drop trigger _900_refuse_change on md.ingests;
drop trigger _900_refuse_change on md.findings;
drop trigger _900_refuse_change on md.bars;
drop function md.list_feed_marks(text);
drop function md.get_quality(text[], text, timestamptz);
drop function md.evaluate_integrity(uuid, timestamptz);
drop function md.set_policy(uuid, text, bigint, integer);
drop function md.format_bar(text, date, timestamptz);
drop function md.list_window_gaps(uuid, timestamptz);
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
drop function md.list_bars_as_of(text, text, integer, timestamptz);
drop function md.store_findings(md.ingests, md.judged_bar[]);
drop function md.store_new(md.ingests, md.judged_bar[]);
drop function md.store_bars(md.ingests, jsonb, md.judged_bar[]);
drop function md.ingest_bars(text, boolean, jsonb, text, text, text, jsonb, timestamptz);
drop function md.count_rows(md.judged_bar[]);
drop function md.judge_bars(text, boolean, text, jsonb, timestamptz);
drop function md.is_rejected(text);
drop function md.parse_bars(text, jsonb, timestamptz);
drop function md.keep_raw(text, jsonb, text, bytea, timestamptz);

commit;
