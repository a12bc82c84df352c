create or replace function md.store_new(
    p_report md.ingests,
    p_rows   md.judged_bar[]
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    if p_report.is_second then
        insert into md.observations (
            feed, symbol, timeframe, bar_end_at, session_on, open_micros, high_micros, low_micros,
            close_micros, volume, ingest_id)
        select p_report.feed, r.symbol, p_report.timeframe, r.bar_end_at, r.session_on, r.open_micros,
               r.high_micros, r.low_micros, r.close_micros, r.volume, p_report.ingest_id
          from unnest(p_rows) as r
         where r.verdict = 'NEW'
         order by r.symbol collate "C", r.bar_end_at;
    else
        insert into md.bars (
            symbol, timeframe, bar_end_at, session_on, open_micros, high_micros, low_micros,
            close_micros, volume, ingest_id)
        select r.symbol, p_report.timeframe, r.bar_end_at, r.session_on, r.open_micros, r.high_micros,
               r.low_micros, r.close_micros, r.volume, p_report.ingest_id
          from unnest(p_rows) as r
         where r.verdict = 'NEW'
         order by r.symbol collate "C", r.bar_end_at;
    end if;
end;
$function$;

comment on function md.store_new(md.ingests, md.judged_bar[]) is
$$Stores the new rows of a batch: as bars, or as observations of a second feed.$$;
