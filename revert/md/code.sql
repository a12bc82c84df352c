-- Revert mqk:md/code from pg
-- built from sql/md by `make code`: edit there

begin;

set local role mqk_owner;

drop trigger _900_refuse_truncate on md.coverages;
drop trigger _900_refuse_change on md.coverages;
drop trigger _900_refuse_truncate on md.rulings;
drop trigger _900_refuse_change on md.rulings;
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
drop trigger _900_refuse_change on md.ingests;
drop trigger _900_refuse_change on md.findings;
drop trigger _900_refuse_change on md.bars;
drop function md.list_feed_marks(text);
drop function md.get_quality(text[], text, timestamptz);
drop function md.evaluate_integrity(uuid, timestamptz);
drop function md.set_policy(uuid, jsonb);
drop function md.describe_defects(uuid, timestamptz);
drop function md.list_defects(uuid, timestamptz);
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
drop function md.keep_raw(text, jsonb, text, bytea, timestamptz);

commit;
