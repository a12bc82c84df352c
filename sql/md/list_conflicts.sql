create or replace function md.list_conflicts(
    p_symbols    text[],
    p_timeframe  text,
    p_from_at    timestamptz,
    p_now_at     timestamptz
)
returns table (
    symbol     text,
    timeframe  text,
    session_on date,
    bar_end_at timestamptz,
    feed       text,
    stored     text,
    other_feed text,
    other      text,
    found_at   timestamptz,
    is_settled boolean,
    ingest_id  uuid,
    line_no    bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select b.symbol, b.timeframe, b.session_on, b.bar_end_at, f.feed,
           md.format_bar_values(b.open_micros, b.high_micros, b.low_micros, b.close_micros, b.volume),
           g.feed,
           md.format_bar_values(c.open_micros, c.high_micros, c.low_micros, c.close_micros, c.volume),
           c.found_at,
           md.is_ruled(c.symbol, c.timeframe, c.bar_end_at, 'CONFLICT', c.found_at, p_now_at),
           c.ingest_id, c.line_no
      from md.conflicts as c
      join md.bars as b using (symbol, timeframe, bar_end_at)
      join md.ingests as f on f.ingest_id = b.ingest_id
      join md.ingests as g on g.ingest_id = c.ingest_id
     where c.symbol = any (p_symbols)
       and c.timeframe = coalesce(p_timeframe, c.timeframe)
       and c.bar_end_at >= p_from_at
       and c.found_at <= p_now_at
     order by c.symbol collate "C", c.timeframe, c.bar_end_at, c.found_at, c.line_no;
$function$;

comment on function md.list_conflicts(text[], text, timestamptz, timestamptz) is
$$Other values that had come by p_now_at for stored bars of the symbols, from p_from_at on: both values, the
feed of each, and whether a person has said that the stored one stands. p_timeframe: null for each.$$;
