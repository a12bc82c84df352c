create or replace function md.list_feed_wants(
    p_feed      text,
    p_symbols   jsonb,
    p_timeframe text,
    p_first_on  date,
    p_until_on  date,
    p_now_at    timestamptz
)
returns table (
    symbol     text,
    timeframe  text,
    from_on    date,
    until_on   date,
    bar_end_at timestamptz,
    is_due     boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select i.symbol, p_timeframe, d.from_on, d.until_on, c.ends_at,
           coalesce(m.last_bar_end_at < c.ends_at, true)
      from jsonb_array_elements_text(p_symbols) as n (symbol)
      join ref.instruments as i using (symbol)
      join ref.exchanges as e using (exchange_id)
      cross join lateral ref.get_closed_slot(i.exchange_id, p_timeframe, p_now_at) as c
      left join md.feed_marks as m
        on m.feed = p_feed and m.symbol = i.symbol and m.timeframe = p_timeframe
      cross join lateral (
        select coalesce((m.last_bar_end_at at time zone e.time_zone)::date
                        - case p_timeframe when '1m' then 1 when '5m' then 2 when '15m' then 2 else 5 end,
                        p_first_on) as from_on,
               least(p_until_on, c.session_on) as until_on) as d
     where d.from_on > d.until_on is not true
     order by i.symbol collate "C";
$function$;

comment on function md.list_feed_wants(text, jsonb, text, date, date, timestamptz) is
$$What a feed should be asked for each known symbol: from some days before the last bar that it gave (1 for
1m, 2 for 5m and 15m, 5 for 1H and 1D), else from p_first_on, up to p_until_on or the session of the last
bar that has ended (bar_end_at; is_due: the feed has not given it).
No row for a symbol of which nothing is left to ask.
Why: what a feed revises shows in the days that are asked for twice.$$;
