create or replace function api.md_conflicts(
    p_symbol text,
    p_now_at timestamptz
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
    is_settled boolean
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.symbol, f.timeframe, f.session_on, f.bar_end_at, f.feed, f.stored, f.other_feed, f.other,
           f.found_at, f.is_settled
      from md.list_conflicts(
           array(select i.symbol from ref.instruments as i
                  where i.symbol = coalesce(p_symbol, i.symbol)),
           null, '-infinity'::timestamptz, p_now_at) as f;
$function$;

comment on function api.md_conflicts(text, timestamptz) is
$$Other values that came for stored bars (p_symbol: of one symbol; null: of all).$$;
