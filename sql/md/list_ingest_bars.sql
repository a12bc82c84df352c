create or replace function md.list_ingest_bars(
    p_ingest_id uuid
)
returns setof md.bars
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select b.*
      from md.ingests as g
      join md.coverages as c using (ingest_id)
      join md.bars as b on b.symbol = c.symbol and b.timeframe = g.timeframe
                       and b.bar_end_at between c.first_bar_end_at and c.last_bar_end_at
      join md.ingests as i on i.ingest_id = b.ingest_id
     where g.ingest_id = p_ingest_id
       and not g.is_second
       and i.ingested_at <= g.ingested_at
     union all
    select o.symbol, o.timeframe, o.bar_end_at, o.session_on, o.open_micros, o.high_micros,
           o.low_micros, o.close_micros, o.volume, o.ingest_id
      from md.ingests as g
      join md.coverages as c using (ingest_id)
      join md.observations as o on o.symbol = c.symbol and o.timeframe = g.timeframe
                               and o.bar_end_at between c.first_bar_end_at and c.last_bar_end_at
      join md.ingests as i on i.ingest_id = o.ingest_id
     where g.ingest_id = p_ingest_id
       and g.is_second
       and o.feed = g.feed
       and i.ingested_at <= g.ingested_at;
$function$;

comment on function md.list_ingest_bars(uuid) is
$$What was stored between the first and the last good bar of each symbol of an ingest when it had been taken
in: bars, or the observations of its feed.
Why: what came later does not change the report of an ingest.$$;
