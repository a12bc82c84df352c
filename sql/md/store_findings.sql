create or replace function md.store_findings(
    p_report md.ingests,
    p_rows   md.judged_bar[]
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    insert into md.findings (ingest_id, line_no, symbol, finding, detail)
    select p_report.ingest_id, coalesce(r.line_no, 0), r.symbol, r.verdict,
           left(replace(r.detail, e'\t', ' '), 300)
      from unnest(p_rows) as r
     where md.is_rejected(r.verdict);
    if not p_report.is_second then
        insert into md.conflicts (
            ingest_id, line_no, symbol, timeframe, bar_end_at, open_micros, high_micros, low_micros,
            close_micros, volume, found_at)
        select p_report.ingest_id, coalesce(r.line_no, 0), r.symbol, p_report.timeframe, r.bar_end_at,
               r.open_micros, r.high_micros, r.low_micros, r.close_micros, r.volume,
               p_report.ingested_at
          from unnest(p_rows) as r
         where r.verdict = 'CONFLICT'
            on conflict on constraint conflicts_are_found_once do nothing;
    end if;
end;
$function$;

comment on function md.store_findings(md.ingests, md.judged_bar[]) is
$$Keeps the refused rows of a batch, and the other values of a stored bar beside it.$$;
