create or replace function md.store_bars(
    p_ingest_id uuid,
    p_timeframe text,
    p_rows      jsonb,
    p_now_at    timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    with judged as materialized (
        select p.*, b.symbol is not null as is_known,
               coalesce(p.finding,
                   case when b.symbol is not null
                         and (b.open_micros, b.high_micros, b.low_micros, b.close_micros, b.volume)
                             <> (p.open_micros, p.high_micros, p.low_micros, p.close_micros, p.volume)
                        then 'CONFLICT' end) as verdict
          from md.parse_bars(p_timeframe, p_rows, p_now_at) as p
          left join md.bars as b
            on b.symbol = p.symbol and b.timeframe = p_timeframe and b.bar_end_at = p.bar_end_at
    ), stored as (
        insert into md.bars (
            symbol, timeframe, bar_end_at, session_on, open_micros, high_micros, low_micros,
            close_micros, volume, ingest_id)
        select j.symbol, p_timeframe, j.bar_end_at, j.session_on, j.open_micros, j.high_micros,
               j.low_micros, j.close_micros, j.volume, p_ingest_id
          from judged as j
         where j.verdict is null and not j.is_known
         order by j.symbol, j.bar_end_at
        returning 1
    ), found as (
        insert into md.findings (ingest_id, line_no, symbol, finding, detail)
        select p_ingest_id, coalesce(j.line_no, 0), j.symbol, j.verdict, left(j.detail, 300)
          from judged as j
         where j.verdict is not null
        returning 1
    )
    update md.ingests as i
       set rows_read     = (select count(*) from judged),
           rows_stored   = (select count(*) from stored),
           rows_rejected = (select count(*) from found),
           rows_known    = (select count(*) from judged as j where j.verdict is null and j.is_known)
     where i.ingest_id = p_ingest_id;
end;
$function$;

comment on function md.store_bars(uuid, text, jsonb, timestamptz) is
$$Stores the good new bars of a batch, its findings and its counts.
Why: a bar that differs from a stored one is a CONFLICT finding; the stored bar stays.$$;
