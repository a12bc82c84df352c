create or replace function md.is_unsettled(
    p_bar    md.bars,
    p_defect text,
    p_now_at timestamptz
)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select case p_defect
        when 'CONFLICT' then
            md.is_disputed((p_bar).symbol, (p_bar).timeframe, (p_bar).bar_end_at, p_now_at)
        when 'DISAGREEMENT' then exists (
            select from md.observations as o
              join md.ingests as g using (ingest_id)
             where o.symbol = (p_bar).symbol and o.timeframe = (p_bar).timeframe
               and o.bar_end_at = (p_bar).bar_end_at and g.ingested_at <= p_now_at
               and (o.high_micros, o.low_micros, o.close_micros)
                   <> ((p_bar).high_micros, (p_bar).low_micros, (p_bar).close_micros)
               and not md.is_ruled(o.symbol, o.timeframe, o.bar_end_at, 'DISAGREEMENT',
                                   g.ingested_at, p_now_at))
        when 'OUTLIER' then (p_bar).bar_end_at <= p_now_at
             and not md.is_ruled((p_bar).symbol, (p_bar).timeframe, (p_bar).bar_end_at, 'OUTLIER',
                                 '-infinity'::timestamptz, p_now_at) end;
$function$;

comment on function md.is_unsettled(md.bars, text, timestamptz) is
$$Whether there is something about a stored bar that a person has not settled yet. How far is too far is a
matter of each run, so any other value counts, and any close may be accepted as no outlier.$$;
