create or replace function md.ingest_bars(
    p_source        text,
    p_source_sha256 text,
    p_timeframe     text,
    p_policy        text,
    p_rows          jsonb,
    p_now_at        timestamptz
)
returns md.ingests
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_report md.ingests;
    v_bad    text;
    v_id     uuid;
begin
    perform core.assert_that(
        num_nulls(p_source, p_source_sha256, p_timeframe, p_now_at) = 0, 'MQA01',
        'source, source_sha256, timeframe, now_at');
    perform core.assert_that(
        p_policy in ('REFUSE', 'KEEP_GOOD'), 'MQA02', 'policy in REFUSE, KEEP_GOOD');
    perform core.assert_that(jsonb_typeof(p_rows) = 'array', 'MQA05', jsonb_typeof(p_rows));
    select string_agg(format('%s %s', p.line_no, p.finding), ',' order by p.line_no) into v_bad
      from md.parse_bars(p_timeframe, p_rows, p_now_at) as p
     where p.finding is not null;
    v_id := core.derive_id('ingest', array[
        p_source, p_source_sha256, p_timeframe, core.hash_text(p_rows::text), coalesce(v_bad, '')]);
    select i.* into v_report from md.ingests as i where i.ingest_id = v_id;
    if found then
        return v_report;
    end if;

    insert into md.ingests (
        ingest_id, source, source_sha256, timeframe, rows_read, rows_stored, rows_known,
        rows_rejected, ingested_by, ingested_at)
    values (v_id, p_source, p_source_sha256, p_timeframe, 0, 0, 0, 0, audit.get_actor(), p_now_at);
    perform md.store_bars(v_id, p_timeframe, p_rows, p_now_at);

    select string_agg(format('line %s %s (%s)', f.line_no, f.finding, f.detail), '; '
                      order by f.line_no)
      into v_bad
      from (select * from md.findings as f where f.ingest_id = v_id order by f.line_no limit 5) as f;
    select i.* into v_report from md.ingests as i where i.ingest_id = v_id;
    perform core.assert_that(
        p_policy = 'KEEP_GOOD' or v_bad is null, 'MQA09',
        format('%s of %s rows: %s', v_report.rows_rejected, v_report.rows_read, v_bad));
    perform audit.append_desk_event(
        'MARKET', 'BARS_INGESTED', to_jsonb(v_report) - 'ingested_at', p_now_at);
    perform pg_notify('mqk_bars', p_timeframe);
    return v_report;
end;
$function$;

comment on function md.ingest_bars(text, text, text, text, jsonb, timestamptz) is
$$Stores a batch of closed bars and gives its report. The same batch again changes nothing, unless a
row is judged otherwise by now: its session has closed, its symbol is known.
Policy REFUSE: one bad row refuses the whole batch; KEEP_GOOD: bad rows become findings.
Why: bars and report are one transaction; a stored bar is never overwritten.
Raises: MQA01; MQA02; MQA05; MQA09 naming the first five bad rows.$$;
