create or replace function md.ingest_bars(
    p_feed       text,
    p_is_second  boolean,
    p_raws       jsonb,
    p_normaliser text,
    p_timeframe  text,
    p_policy     text,
    p_rows       jsonb,
    p_now_at     timestamptz
)
returns md.ingests
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_report md.ingests;
    v_rows   md.judged_bar[];
    v_bad    text;
begin
    perform core.assert_that(
        num_nulls(p_feed, p_is_second, p_normaliser, p_timeframe, p_now_at) = 0
        and jsonb_array_length(p_raws) > 0, 'MQA01',
        'feed, is_second, raws, normaliser, timeframe, now_at');
    perform core.assert_that(
        p_policy in ('REFUSE', 'KEEP_GOOD'), 'MQA02', 'policy in REFUSE, KEEP_GOOD');
    perform core.assert_that(
        exists (select from ref.timeframes as t where t.timeframe = p_timeframe), 'MQA02',
        format('timeframe %s: 1m, 5m, 15m, 1H or 1D', p_timeframe));
    perform core.assert_that(
        jsonb_typeof(p_rows) = 'array' or md.is_batch(p_rows), 'MQA05', format(
            'rows: an array of objects, or {"columns": [known names, once], "lines": text}; found %s',
            coalesce(jsonb_typeof(p_rows), 'null')));
    perform pg_advisory_xact_lock(hashtextextended('md.ingest ' || p_timeframe, 0));
    v_rows := array(select j from md.judge_bars(
                        p_feed, p_is_second, p_timeframe, p_rows, p_now_at) as j);
    v_report := md.count_rows(v_rows);
    v_report.feed := p_feed;
    v_report.is_second := p_is_second;
    v_report.normaliser := p_normaliser;
    v_report.timeframe := p_timeframe;
    v_report.policy := p_policy;
    v_report.rows_sha256 := md.hash_rows(p_rows);
    v_report.ingested_by := audit.get_actor();
    v_report.ingested_at := p_now_at;
    if p_policy = 'REFUSE' and v_report.rows_rejected > 0 then
        select string_agg(format('line %s %s (%s)', f.line_no, f.verdict, left(f.detail, 200)), '; '
                          order by f.line_no) into v_bad
          from (select f.* from unnest(v_rows) as f
                 where md.is_rejected(f.verdict) order by f.line_no limit 5) as f;
        perform core.raise_error('MQA09', format(
            '%s of %s rows: %s', v_report.rows_rejected, v_report.rows_read, v_bad));
    end if;
    return md.store_bars(v_report, p_raws, v_rows);
end;
$function$;

comment on function md.ingest_bars(
    text, boolean, jsonb, text, text, text, jsonb, timestamptz) is
$$Stores a batch of closed bars and gives its report. The same batch again changes nothing, unless a
row is judged otherwise by now: its slot has ended, its symbol is known.
p_is_second: a second opinion, kept as observations. p_raws: the kept answers (md.keep_raw) that the rows
were read from by p_normaliser.
Policy REFUSE: one bad row refuses the whole batch; KEEP_GOOD: bad rows become findings.
Why: bars and report are one transaction; a stored bar is never overwritten.
Raises: MQA01; MQA02; MQA05; MQA09 naming the first five bad rows; 23503 an answer that was not kept.$$;
