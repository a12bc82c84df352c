create or replace function api.md_sync(
    p_feed       text,
    p_symbols    jsonb,
    p_timeframe  text,
    p_full_start date,
    p_until_on   date,
    p_now_at     timestamptz
)
returns table (
    symbol    text,
    timeframe text,
    from_on   date,
    until_on  date
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select w.symbol, w.timeframe, w.from_on, w.until_on
      from md.list_sync_wants(
           p_feed, p_symbols, p_timeframe, p_full_start, p_until_on, p_now_at) as w
     order by w.symbol collate "C";
$function$;

comment on function api.md_sync(text, jsonb, text, date, date, timestamptz) is
$$What a sync asks a feed for: by symbol, from which day to which.$$;
