create or replace function md.list_ingest_disagreements(
    p_ingest_id uuid
)
returns table (
    symbol       text,
    session_on   date,
    bar_end_at   timestamptz,
    close_micros bigint,
    feed         text,
    other_micros bigint,
    apart_bps    bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select b.symbol, b.session_on, b.bar_end_at, b.close_micros, o.feed, o.close_micros,
           abs(core.compute_move_bps(b.close_micros, o.close_micros))
      from md.ingests as g
      cross join lateral md.list_ingest_bars(g.ingest_id) as b
      cross join lateral (
        select s.feed, s.close_micros, s.high_micros, s.low_micros, s.ingest_id
          from md.observations as s
         where not g.is_second and s.symbol = b.symbol and s.timeframe = b.timeframe
           and s.bar_end_at = b.bar_end_at
         union all
        select i.feed, s.close_micros, s.high_micros, s.low_micros, s.ingest_id
          from md.bars as s
          join md.ingests as i using (ingest_id)
         where g.is_second and s.symbol = b.symbol and s.timeframe = b.timeframe
           and s.bar_end_at = b.bar_end_at) as o
      join md.ingests as h on h.ingest_id = o.ingest_id
     where g.ingest_id = p_ingest_id
       and h.ingested_at <= g.ingested_at
       and (o.high_micros, o.low_micros, o.close_micros)
           <> (b.high_micros, b.low_micros, b.close_micros)
     order by b.symbol collate "C", b.bar_end_at, o.feed collate "C";
$function$;

comment on function md.list_ingest_disagreements(uuid) is
$$The bars in the range of an ingest whose high, low or close another feed had given otherwise by then.$$;
