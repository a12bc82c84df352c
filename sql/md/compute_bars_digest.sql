create or replace function md.compute_bars_digest()
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with days as (
        select b.symbol, b.timeframe, b.session_on, core.hash_text(string_agg(concat_ws(
                   ' ', core.format_iso(b.bar_end_at), b.open_micros, b.high_micros, b.low_micros,
                   b.close_micros, b.volume), e'\n' order by b.bar_end_at)) as digest
          from md.bars as b
         group by b.symbol, b.timeframe, b.session_on
    ),
    series as (
        select d.symbol, d.timeframe,
               core.hash_text(string_agg(concat_ws(' ', d.session_on, d.digest), e'\n'
                                         order by d.session_on)) as digest
          from days as d
         group by d.symbol, d.timeframe
    )
    select core.hash_text(coalesce(string_agg(
               concat_ws(' ', s.symbol, s.timeframe, s.digest), e'\n'
               order by s.symbol collate "C", s.timeframe collate "C"), ''))
      from series as s;
$function$;

comment on function md.compute_bars_digest() is
$$SHA-256 over every stored bar: by session, then by symbol and timeframe. Of what was stored, not of how.
Why: two stores that were filled in other ways can be compared in one line.$$;
