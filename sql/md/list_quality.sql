create or replace function md.list_quality(
    p_symbol      text,
    p_outlier_bps integer,
    p_now_at      timestamptz
)
returns table (
    symbol         text,
    timeframe      text,
    bars           bigint,
    first_on       date,
    last_on        date,
    gaps           bigint,
    outliers       bigint,
    zero_volumes   bigint,
    conflicts      bigint,
    open_conflicts bigint,
    disagreements  bigint,
    rows_rejected  bigint,
    feeds          text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select q.symbol, q.timeframe, q.rows_stored, q.first_on, q.last_on, q.gaps,
           (select count(*) from md.list_outliers(
                q.symbol, q.timeframe, '-infinity'::timestamptz, p_outlier_bps, p_now_at)),
           b.zero_volumes, c.conflicts, c.open_conflicts,
           (select count(*)
              from md.observations as o
              join md.bars as s using (symbol, timeframe, bar_end_at)
             where o.symbol = q.symbol and o.timeframe = q.timeframe and o.bar_end_at <= p_now_at
               and (o.high_micros, o.low_micros, o.close_micros)
                   <> (s.high_micros, s.low_micros, s.close_micros)),
           q.rows_rejected, b.feeds
      from md.get_quality(
           array(select i.symbol from ref.instruments as i
                  where i.symbol = coalesce(p_symbol, i.symbol)), null, p_now_at) as q
      cross join lateral (
        select count(*) filter (where b.volume = 0) as zero_volumes,
               string_agg(distinct i.feed collate "C", ', ' order by i.feed collate "C") as feeds
          from md.bars as b
          join md.ingests as i using (ingest_id)
         where b.symbol = q.symbol and b.timeframe = q.timeframe and b.bar_end_at <= p_now_at) as b
      cross join lateral (
        select count(*) as conflicts, count(*) filter (where not c.is_settled) as open_conflicts
          from md.list_conflicts(
               array[q.symbol], q.timeframe, '-infinity'::timestamptz, p_now_at) as c) as c
     order by q.symbol collate "C", q.timeframe;
$function$;

comment on function md.list_quality(text, integer, timestamptz) is
$$What the whole store holds of each symbol and timeframe (p_symbol: of one; null: of all), and what is
wrong
with it: gaps in exchange slots, jumps beyond p_outlier_bps of raw closes, bars without volume, other values
that came, disagreement with observations, refused rows; and the feeds that the bars come from.$$;
