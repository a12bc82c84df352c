create or replace function md.list_disagreements(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    feed        text,
    symbol      text,
    session_on  date,
    bar_end_at  timestamptz,
    bar         text,
    observation text,
    ingest_id   uuid
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select o.feed, b.symbol, b.session_on, b.bar_end_at,
           md.format_prices(b.high_micros, b.low_micros, b.close_micros),
           md.format_prices(o.high_micros, o.low_micros, o.close_micros), o.ingest_id
      from md.policies as p
      cross join lateral md.list_windows(
           p.run_id, p_now_at - p.stale_after_ms * interval '1 ms') as w
      join md.bars as b on b.symbol = w.symbol and b.timeframe = w.timeframe
                       and b.bar_end_at between w.from_at and p_now_at
      join md.observations as o
        on o.symbol = b.symbol and o.timeframe = b.timeframe and o.bar_end_at = b.bar_end_at
       and o.feed = p.second_feed
      join md.ingests as g on g.ingest_id = o.ingest_id
     where p.run_id = p_run_id
       and (core.is_apart(b.close_micros, o.close_micros, p.disagreement_bps)
            or core.is_apart(b.high_micros, o.high_micros, p.disagreement_bps)
            or core.is_apart(b.low_micros, o.low_micros, p.disagreement_bps))
       and not md.is_ruled(
           b.symbol, b.timeframe, b.bar_end_at, 'DISAGREEMENT', g.ingested_at, p_now_at)
     order by b.symbol collate "C", b.bar_end_at;
$function$;

comment on function md.list_disagreements(uuid, timestamptz) is
$$The stored bars in a run's window whose high, low or close its second feed saw further away than
data.disagreement_tolerance_bps, and which nobody has settled. Volume is not compared: each feed counts its
own market, and the open is the print that feeds choose most differently.$$;
