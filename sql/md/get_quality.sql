create or replace function md.get_quality(
    p_symbols   text[],
    p_timeframe text,
    p_now_at    timestamptz
)
returns table (
    symbol        text,
    timeframe     text,
    rows_stored   bigint,
    rows_rejected bigint,
    gaps          bigint,
    first_on      date,
    last_on       date
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select b.symbol, b.timeframe, count(*),
           (select count(*)
              from md.findings as f
              join md.ingests as i using (ingest_id)
             where f.symbol = b.symbol and i.timeframe = b.timeframe),
           (select count(*) from md.list_gaps(
                b.symbol, b.timeframe, min(b.session_on), max(b.bar_end_at))),
           min(b.session_on), max(b.session_on)
      from md.bars as b
     where b.symbol = any (p_symbols)
       and b.timeframe = coalesce(p_timeframe, b.timeframe)
       and b.bar_end_at <= p_now_at
     group by b.symbol, b.timeframe
     order by b.symbol collate "C", b.timeframe;
$function$;

comment on function md.get_quality(text[], text, timestamptz) is
$$How many bars each symbol has in a timeframe (null: in each), how many were refused, and how many are
missing between its first and last bar.$$;
